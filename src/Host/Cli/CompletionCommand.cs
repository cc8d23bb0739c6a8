using System.CommandLine;

namespace PluginHost.Cli;

/// <summary><c>pluginhost completion SHELL</c>: writes a script that makes a shell complete commands and options.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        var command = new Command("completion", "Write a script that makes a shell complete commands and options, for example: source <(pluginhost completion bash)") { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(CompletionScripts.All[parsed.GetValue(shell)!]));
        return command;
    }
}
