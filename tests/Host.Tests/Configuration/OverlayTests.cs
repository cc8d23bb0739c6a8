using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Tests.Configuration;

public sealed class OverlayTests : IDisposable
{
    private const string Json = """
        {
          "Agents": { "assistant": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "sqlite-history", "Options": { "Window": 5 } } ] } },
          "Plugins": { "sqlite-history": { "Host": { "Timeout": "1s" }, "Options": { "Path": "default.db", "Window": 50 } } },
          "Sessions": { "Store": { "Plugin": "s", "Options": { "Path": "a" } } },
          "Server": { "Listen": [ "http://127.0.0.1:1" ] }
        }
        """;

    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void The_environment_goes_over_the_file_and_the_command_line_over_both()
    {
        _fixture.Environment["Agents__assistant__Model__Client"] = "openai";
        _fixture.Environment["AGENTS__ASSISTANT__MODEL__MODEL"] = "environment";
        _fixture.Environment["Sessions__QueueLimit"] = "7";
        _fixture.Environment["Sessions__Store__Path"] = "b";
        _fixture.Environment["Server__Listen__1"] = "http://127.0.0.1:2";
        _fixture.Environment["SERVER"] = "another program's";

        var configuration = _fixture.Read(Json, "--agents:assistant:Model:Model=argument", "--Sessions:RunTimeout", "5s");

        Assert.Equal(("openai", "argument"), (configuration.Agents["assistant"].Model.Client, configuration.Agents["assistant"].Model.Model));
        Assert.Equal((7, TimeSpan.FromSeconds(5)), (configuration.Sessions.QueueLimit, configuration.Sessions.RunTimeout));
        Assert.Equal("b", configuration.Sessions.Store!.Options.Json["path"]!.GetValue<string>());
        Assert.Equal(["http://127.0.0.1:1", "http://127.0.0.1:2"], configuration.Server.Listen);
    }

    [Fact]
    public void Defaults_of_the_environment_count_only_where_the_file_has_nothing()
    {
        const string silent = """{ "Agents": { "a": {} } }""";
        _fixture.Environment["PLUGINHOST_DEFAULT__Server__Listen__0"] = "http://127.0.0.1:9";
        _fixture.Environment["PLUGINHOST_DEFAULT__Sessions__QueueLimit"] = "9";

        Assert.Equal(["http://127.0.0.1:1"], _fixture.Read(Json).Server.Listen);
        Assert.Equal(["http://127.0.0.1:9"], _fixture.Read(silent).Server.Listen);
        Assert.Equal(9, _fixture.Read(silent).Sessions.QueueLimit);
        Assert.Equal(7, _fixture.Read(silent, "--Sessions:QueueLimit=7").Sessions.QueueLimit);
        _fixture.Environment["Server__Listen__0"] = "http://127.0.0.1:2";
        Assert.Equal(["http://127.0.0.1:2"], _fixture.Read(silent).Server.Listen);
    }

    [Fact]
    public void Commands_find_the_address_of_the_host_in_the_environment_and_the_file()
    {
        Assert.Null(FindAddress());
        _fixture.Environment["PLUGINHOST_DEFAULT__Server__Listen__0"] = "http://127.0.0.1:9";
        Assert.Equal("http://127.0.0.1:9", FindAddress());
        _fixture.Write("config/appsettings.json", Json);
        Assert.Equal("http://127.0.0.1:1", FindAddress());
        _fixture.Environment["Server__Listen__0"] = "http://127.0.0.1:2";
        Assert.Equal("http://127.0.0.1:2", FindAddress());
        _fixture.Write("config/appsettings.json", "no JSON");
        Assert.Equal("http://127.0.0.1:2", FindAddress());

        string? FindAddress() => ConfigurationLoader.FindAddress(_fixture.Environment, _fixture.Paths);
    }

    [Fact]
    public void Defaults_of_the_plugins_section_lie_under_each_entry_and_keep_their_paths()
    {
        _fixture.Environment["Plugins__sqlite-history__Path"] = "environment.db";

        var entry = _fixture.Read(Json).Agents["assistant"].Chain[0];

        Assert.Equal("environment.db", entry.Options.Json["Path"]!.GetValue<string>());
        Assert.Equal(5, entry.Options.Json["Window"]!.GetValue<int>());
        Assert.Equal(TimeSpan.FromSeconds(1), entry.Host.Timeout);
        Assert.Equal("Plugins:sqlite-history:Path", entry.Options.PathOf("Path"));
        Assert.Equal("Agents:assistant:Chain:0:Options:Window", entry.Options.PathOf("Window"));
        Assert.Contains("Plugins:sqlite-history:Path", entry.Options.TextPaths);
    }

    [Theory]
    [InlineData("Agents__assistant__Chain__0__Window", "5", "Plugins__<plugin>__<Option>")]
    [InlineData("Agents__asistant__Model__Client", "echo", "There is no agent 'asistant' in the file. Did you mean 'assistant'?")]
    [InlineData("Sessions__QueueLimit", "many", "\"many\" is not a whole number. (From environment variable Sessions__QueueLimit.)")]
    [InlineData("Sessions__Store", "x", "This is a section or a list, which text cannot replace.")]
    [InlineData("Server__Listen__5", "http://127.0.0.1:1", "Allowed are 0 to 1.")]
    [InlineData("Server__Listn__0", "http://127.0.0.1:1", "Did you mean 'Listen'?")]
    [InlineData("Sessions__Busy__Very", "x", "is below a value, which has no members", "Sessions__Busy", "queue")]
    [InlineData("Plugins__sqlite-history__Name", "x", "belongs to one entry")]
    public void What_the_environment_gets_wrong_is_an_error_that_names_it(string name, string value, string message, string? before = null, string? beforeValue = null)
    {
        _fixture.Environment[name] = value;
        if (before is not null) _fixture.Environment[before] = beforeValue!;

        Assert.Contains(_fixture.Errors(Json), e => e.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--Sever:Listen:0=x", "'--Sever:Listen:0' is not known.")]
    [InlineData("serve", "'serve' is not known.")]
    [InlineData("--Sessions:QueueLimit", "'--Sessions:QueueLimit' has no value.")]
    [InlineData("--Agents=x", "This is a section or a list, which text cannot replace.")]
    public void An_argument_that_is_no_setting_is_an_error(string argument, string message) =>
        Assert.Contains(message, Assert.Single(_fixture.Errors(Json, argument)), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_default_is_reported_once_however_many_entries_it_has()
    {
        var error = Assert.Single(_fixture.Errors("""
            {
              "Agents": { "a": { "Chain": [ { "Plugin": "p" }, { "Plugin": "p", "Name": "b" } ] } },
              "Plugins": { "p": { "Host": { "Timeout": "never" } } }
            }
            """));

        Assert.StartsWith("Plugins:p:Host:Timeout: \"never\" is not a duration", error, StringComparison.Ordinal);
    }
}
