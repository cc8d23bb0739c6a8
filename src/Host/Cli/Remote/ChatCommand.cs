using System.CommandLine;

namespace PluginHost.Cli.Remote;

/// <summary><c>pluginhost chat</c>: chats with an agent of a running host in the terminal.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        var agent = new Option<string?>("--agent") { Description = CommandOptions.AgentDescription };
        var session = new Option<string?>("--session") { Description = "The session to continue. Default: a new session." };
        var host = new RemoteOptions(RemoteOptions.KeyVariable, RemoteOptions.AdminKeyVariable);
        var command = new Command("chat", "Chat with an agent of a running host.") { agent, session };
        host.AddTo(command);
        // A synchronous action: System.CommandLine would end an asynchronous one at the first ctrl-C, which should only cancel the run.
        command.SetAction(parsed => RunAsync(host, parsed, parsed.GetValue(agent), parsed.GetValue(session)).GetAwaiter().GetResult());
        return command;
    }

    private static async Task<int> RunAsync(RemoteOptions host, ParseResult parsed, string? agent, string? session)
    {
        var screen = ChatScreen.CreateForTerminal();
        try
        {
            using var client = new ChatClient(host.Connect(parsed));
            using var interrupts = new InterruptHandler();
            var chat = new ChatLoop(client, screen, LineEditor.CreateForConsole(), interrupts) { Agent = agent, Session = session };
            Console.CancelKeyPress += (_, e) =>
            {
                e.Cancel = interrupts.Interrupt();
                if (!e.Cancel) chat.WriteEnd();
            };
            return await chat.RunAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UriFormatException)
        {
            screen.WriteError(e.Message);
            return 1;
        }
    }
}
