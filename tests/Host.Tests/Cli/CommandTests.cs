using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using PluginHost.Cli;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Tests.Plugins;

namespace PluginHost.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private readonly PluginFixture _fixture = new("GoodPlugin");

    public void Dispose() => _fixture.Dispose();

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new InvocationConfiguration { Output = output, Error = error };
        // No command of these tests awaits anything that does not end at once.
        var code = CommandLine.InvokeAsync(CommandLine.CreateRoot(new(), _fixture.Paths), arguments, console).GetAwaiter().GetResult();
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public void Check_says_in_a_line_that_all_is_good_and_shows_the_chains()
    {
        var file = _fixture.Write("config/appsettings.json", """
            { "Agents": { "a": { "Chain": [ { "Plugin": "good-history" }, { "Plugin": "good-guard" } ] } }, "Sessions": { "Store": { "Plugin": "good-store" } } }
            """);

        var (code, output, error) = Run("check");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal($"{file} is valid: 1 agent, 5 plugins found, sessions in good-store.{Environment.NewLine}  a: good-history → good-guard → echo{Environment.NewLine}", output);
    }

    [Fact]
    public void Check_shows_the_history_in_memory_of_an_agent_that_has_no_other()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": { "Chain": [ { "Plugin": "good-guard" } ] } } }""");

        Assert.Contains("  a: in-memory-history (lost at a restart) → good-guard → echo", Run("check").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_exits_with_1_and_the_list_of_all_that_is_wrong()
    {
        _fixture.Write("other.json", """{ "Agents": { "a": { "Chain": [ { "Plugin": "nothing" } ] } }, "Servr": {} }""");

        var (code, output, error) = Run("check", "--config", "other.json");

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"2 errors:{Environment.NewLine}  - Servr: ", error, StringComparison.Ordinal);
        Assert.Contains("  - Agents:a:Chain:0: There is no plugin 'nothing'.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_on_the_command_line_reach_the_configuration()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");

        Assert.Equal(0, Run("check", "--Sessions:QueueLimit=5", "--Agents:a:Model:Model", "m").Code);
        Assert.Contains("(From command line option --Sessions:QueueLimit.)", Run("check", "--Sessions:QueueLimit=0").Error, StringComparison.Ordinal);
        Assert.Contains("'--verbose' is not known.", Run("check", "--verbose").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Plugins_lists_what_is_there_with_options_and_documentation()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");

        var (code, output, _) = Run("plugins", "good-history");
        output += Run("plugins", "good-context").Output;

        Assert.Equal(0, code);
        Assert.Contains("good-history 1.0.0-rc.1 (history provider and context provider, SDK 1.0.0)", output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_fixture.PluginFolder, "GoodPlugin", "GoodPlugin.dll"), output, StringComparison.Ordinal);
        Assert.Contains("  - Window (whole number, 1 to 100; default 50): How many, at most 100.", output, StringComparison.Ordinal);
        Assert.Contains("  - Path (text, not empty; required): A path that must be given.", output, StringComparison.Ordinal);
        Assert.Contains("  - Retry:Attempts (whole number; required): How often.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Plugins_without_a_name_takes_one_line_for_each_and_a_wrong_name_is_refused_with_the_nearest()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");

        var (code, output, _) = Run("plugins");
        var lines = output.Split(Environment.NewLine);
        Assert.Equal(0, code);
        Assert.Equal(5, lines.TakeWhile(l => l.Length > 0).Count());
        Assert.Contains(lines, l => l.StartsWith("good-guard", StringComparison.Ordinal) && l.EndsWith("run middleware", StringComparison.Ordinal));
        Assert.Contains("'good-gard' is not known. Did you mean 'good-guard'?", Run("plugins", "good-gard").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_plugins_that_is_itself_a_plugin_is_refused_with_the_folder_to_name()
    {
        var plugin = Path.Combine(_fixture.PluginFolder, "GoodPlugin");
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");

        var (code, _, error) = Run("check", $"--PluginFolders:0={plugin}");

        Assert.Equal(1, code);
        Assert.Contains($"PluginFolders:0: '{plugin}' is the folder of one plugin.", error, StringComparison.Ordinal);
        Assert.Contains($"Name the folder that holds it: '{_fixture.PluginFolder}'.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_explains_settings()
    {
        var output = Run("--help").Output;

        Assert.Contains("--Server:Listen:0=http://127.0.0.1:8080", output, StringComparison.Ordinal);
        Assert.Contains("Sessions__Busy=reject", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hea", "health")]
    [InlineData("keys new --ten", "--tenant")]
    public void Completion_asks_the_program_for_the_words_that_fit(string line, string expected) =>
        Assert.Contains(expected, Run($"[suggest:{line.Length}]", line).Output.Split(Environment.NewLine));

    /// <summary>Runs the script in bash, with a program that answers what it was asked.</summary>
    [UnixFact]
    public async Task The_script_for_bash_asks_for_what_is_before_the_cursor_and_offers_the_words_that_fit()
    {
        _fixture.Write("pluginhost", "#!/bin/bash\n[[ $1 == '[suggest:7]' && $2 == 'keys ne' ]] && printf 'new\\nother\\n'\n");
        _fixture.Write("script", Run("completion", "bash").Output);
        var program = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, WorkingDirectory = _fixture.Folder };
        program.ArgumentList.Add("-c");
        program.ArgumentList.Add("chmod +x pluginhost; PATH=$PWD:$PATH; . ./script; COMP_WORDS=(pluginhost keys ne) COMP_CWORD=2 COMP_LINE='pluginhost keys ne' COMP_POINT=18; _pluginhost; echo ${COMPREPLY[@]}");

        using var bash = Process.Start(program)!;

        Assert.Equal("new\n", await bash.StandardOutput.ReadToEndAsync());
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _pluginhost pluginhost")]
    [InlineData("zsh", "compdef _pluginhost pluginhost")]
    [InlineData("fish", "complete -c pluginhost")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void Completion_writes_a_script_for_each_shell(string shell, string line) =>
        Assert.Contains(line, Run("completion", shell).Output, StringComparison.Ordinal);

    [Fact]
    public void Plugins_as_json_holds_the_same_for_programs()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");

        var plugins = JsonNode.Parse(Run("plugins", "--json").Output)!.AsArray();

        var plugin = plugins.Single(p => p!["name"]!.GetValue<string>() == "good-context")!;
        Assert.Equal("context provider", plugin["kinds"]![0]!.GetValue<string>());
        var window = plugin["options"]!.AsArray().Single(o => o!["name"]!.GetValue<string>() == "Window")!;
        Assert.Equal("50", window["default"]!.GetValue<string>());
    }

    [Fact]
    public void Plugins_lists_the_good_ones_and_exits_with_1_when_another_is_broken()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": { "Chain": [ { "Plugin": "nothing" } ] } } }""");
        _fixture.Write("plugins/Broken/Broken.dll", "text");

        var (code, output, error) = Run("plugins");

        Assert.Equal(1, code);
        Assert.Contains("good-guard", output, StringComparison.Ordinal);
        Assert.StartsWith("1 error:", error, StringComparison.Ordinal);
        Assert.Contains("Broken.dll is not a .NET assembly.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Plugins_prints_the_hashes_that_pin_them()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");
        var (name, hash) = PluginFiles.Hash(Path.Combine(_fixture.PluginFolder, "GoodPlugin")).First(f => f.Name == "GoodPlugin.dll");

        Assert.Contains($"  {hash}  {name}", Run("plugins", "good-history").Output, StringComparison.Ordinal);
        Assert.Equal(hash, JsonNode.Parse(Run("plugins", "--json").Output)![0]!["files"]!.AsArray().Single(f => (string)f!["name"]! == name)!["sha256"]!.GetValue<string>());
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void Check_warns_of_a_folder_that_all_may_write_to_and_reports_what_is_not_pinned()
    {
        _fixture.Write("config/appsettings.json", """{ "Agents": { "a": {} } }""");
        File.SetUnixFileMode(_fixture.PluginFolder, File.GetUnixFileMode(_fixture.PluginFolder) | UnixFileMode.OtherWrite);

        var (code, _, error) = Run("check");

        Assert.Equal(0, code);
        Assert.StartsWith($"Warning: {_fixture.PluginFolder}: Every user of this machine can write here", error, StringComparison.Ordinal);
        Assert.Contains("is not one of the pinned ones", Run("check", $"--PluginTrust:Sha256:0={new string('0', 64)}").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_new_prints_a_fresh_key_and_a_line_that_the_key_file_takes()
    {
        var (code, output, error) = Run("keys", "new", "--tenant", "acme", "--admin");
        Assert.Equal((0, ""), (code, error));
        var lines = output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var (key, line) = (lines[0]["key:  ".Length..], lines[1]["line: ".Length..]);
        var errors = new List<ConfigurationError>();
        Assert.Equal([ApiKey.Create(key, "acme", isAdmin: true)], KeyFile.Parse(line, "keys", errors));
        Assert.Empty(errors);
        Assert.True(key.Length > 40 && ApiKey.IsSendable(key));
        Assert.NotEqual(output, Run("keys", "new", "--tenant", "acme", "--admin").Output);
        Assert.NotEqual(0, Run("keys", "new", "--tenant", "../x").Code);
    }

    [Theory]
    [InlineData("keys new --tennant acme", "'--tennant' is not known to 'keys new'. Did you mean '--tenant'? Allowed are --tenant, --admin.")]
    [InlineData("health --ready", "'--ready' is not known to 'health'. Allowed are --url, --live, --timeout.")]
    [InlineData("chat hello", "'hello' is not known to 'chat'. Allowed are --agent, --session, --url, --api-key-file.")]
    [InlineData("chekc", "'chekc' is not a command. Did you mean 'check'? Allowed are check, plugins, schema, dev, conform, chat, trace, explain, replay, health, reload, backup, restore, migrate, keys, completion, and settings as --Section:Key=value.")]
    [InlineData("health --timeout abc", "--timeout must be a whole number from 1 to 300.")]
    [InlineData("health --timeout 301", "--timeout must be a whole number from 1 to 300.")]
    [InlineData("trace hello --warm-up many", "--warm-up must be a whole number from 0 to 100.")]
    public void Arguments_that_a_command_does_not_take_are_refused_with_what_it_takes(string line, string message)
    {
        var (code, output, error) = Run(line.Split(' '));

        Assert.Equal((1, ""), (code, output));
        Assert.Equal(message, error.Trim());
    }
}
