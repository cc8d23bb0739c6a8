using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Configuration;

public sealed class ReadingTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Everything_has_its_default_when_only_an_agent_is_given()
    {
        var configuration = _fixture.Read("""{ "Agents": { "assistant": {} } }""");

        Assert.Equal(new ModelConfiguration(), configuration.Agents["assistant"].Model with { Section = OptionsSection.Empty });
        Assert.Equal(["http://127.0.0.1:5080"], configuration.Server.Listen);
        Assert.Equal(new SessionsConfiguration(), configuration.Sessions);
        Assert.Equal([Path.Combine(_fixture.Folder, "bin", "plugins")], configuration.PluginFolders);
    }

    [Fact]
    public void Every_setting_is_read()
    {
        _fixture.Write("more/readme.txt", "");
        var configuration = _fixture.Read("""
            {
              "Agents": {
                "a": {
                  "Model": { "Client": "OpenAI", "Model": "m", "Endpoint": "http://x" },
                  "Instructions": "Be brief.",
                  "ServiceSession": "off",
                  "AllowSeveralHistories": [ "second" ],
                  "Chain": [
                    { "Plugin": "p", "Options": { "Window": 5 } },
                    { "Plugin": "h", "Name": "second", "Host": { "Timeout": "500ms", "OnError": "skip", "Load": false, "StoreInput": false,
                      "StoreOutput": false, "StoreContext": true, "StoreContextFrom": [ "p" ], "StoreInputAs": "received" } }
                  ]
                }
              },
              "Sessions": { "Store": { "Plugin": "s", "Options": { "Path": "x" } }, "Busy": "reject", "QueueLimit": 3, "QueueTimeout": "5s",
                            "RunTimeout": "2h", "OnDisconnect": "cancel", "MaxStateBytes": 2048, "MaxInputMessages": 7 },
              "Server": { "Listen": [ "unix:/tmp/x.sock" ], "MaxBodyBytes": 2048, "ShutdownTimeout": "00:00:07" },
              "PluginFolders": [ "more" ],
              "Logging": { "LogLevel": { "Default": "Debug", "A.B": "None" }, "Console": { "FormatterName": "json" } }
            }
            """);

        var agent = configuration.Agents["a"];
        Assert.Equal(("openai", "m"), (agent.Model.Client, agent.Model.Model));
        Assert.Equal("""{"Endpoint":"http://x"}""", agent.Model.Options.Json.ToJsonString());
        Assert.Equal(("Be brief.", ServiceSessionMode.Off), (agent.Instructions, agent.ServiceSession));
        Assert.Equal("""{"Window":5}""", agent.Chain[0].Options.Json.ToJsonString());
        var entry = agent.Chain[1];
        Assert.Equal(("h/second", 1, "Agents:a:Chain:1"), (entry.SourceId, entry.Index, entry.Path));
        Assert.Equal((TimeSpan.FromMilliseconds(500), OnError.Skip, StoreInputAs.Received), (entry.Host.Timeout, entry.Host.OnError!.Value, entry.Host.StoreInputAs));
        Assert.Equal((false, false, false, true), (entry.Host.Load, entry.Host.StoreInput, entry.Host.StoreOutput, entry.Host.StoreContext));
        Assert.Equal(["p"], entry.Host.StoreContextFrom);
        Assert.Empty(entry.Options.Json);
        var sessions = configuration.Sessions;
        Assert.Equal(("s", BusyPolicy.Reject, 3), (sessions.Store!.Plugin, sessions.Busy, sessions.QueueLimit));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromHours(2)), (sessions.QueueTimeout, sessions.RunTimeout));
        Assert.Equal((DisconnectPolicy.Cancel, 2048, 7), (sessions.OnDisconnect, sessions.MaxStateBytes, sessions.MaxInputMessages));
        Assert.Equal((2048, TimeSpan.FromSeconds(7)), (configuration.Server.MaxBodyBytes, configuration.Server.ShutdownTimeout));
        Assert.Equal(Path.Combine(_fixture.Folder, "more"), configuration.PluginFolders[1]);
        Assert.Equal("None", configuration.Logging.Flatten()["Logging:LogLevel:A.B"]);
        Assert.Equal("json", configuration.Logging.Flatten()["Logging:Console:FormatterName"]);
    }

    [Fact]
    public void All_errors_are_reported_at_once_each_with_its_path_and_what_is_allowed()
    {
        var errors = _fixture.Errors("""
            {
              "Agents": {
                "a b": { "Instrctions": "x", "Model": 5 },
                "b": { "ServiceSession": "perhaps", "Chain": [ "memory", {}, { "Plugin": "p", "Host": { "Timeout": "0s" } }, { "Plugin": "p" } ] }
              },
              "Sessions": { "QueueLimit": "50", "RunTimeout": 30, "MaxStateBytes": 1, "Busy": null },
              "Servr": {}
            }
            """);

        Assert.Contains("Agents:a b:Instrctions: 'Instrctions' is not known. Did you mean 'Instructions'? Allowed are Aliases, AllowSeveralHistories, Chain, Instructions, Model, ServiceSession, SessionHeader.", errors);
        Assert.Contains("Agents:a b:Model: 5 is not a section. Write it in braces: { \"Client\": … }.", errors);
        Assert.Contains("Agents:a b: This is not a name for an agent. Allowed are 1 to 64 ASCII letters, digits, dots, underscores and hyphens.", errors);
        Assert.Contains("Agents:b:ServiceSession: \"perhaps\" is not one of the choices. Allowed are auto, off.", errors);
        Assert.Contains("Agents:b:Chain:0: \"memory\" is not a section. Write it in braces: { \"Plugin\": … }.", errors);
        Assert.Contains("Agents:b:Chain:1:Plugin: 'Plugin' must be given. It takes text: not empty.", errors);
        Assert.Contains("Agents:b:Chain:2:Host:Timeout: \"0s\" is out of range. Allowed: more than 0s and at most 1d.", errors);
        Assert.Contains("Agents:b:Chain:3: 'p' is already in the chain, at Agents:b:Chain:2. Give one of them another Name.", errors);
        Assert.Contains("Sessions:QueueLimit: \"50\" is not a whole number. Write it without quotes.", errors);
        Assert.Contains(errors, e => e.StartsWith("Sessions:RunTimeout: 30 is not a duration such as \"500ms\"", StringComparison.Ordinal));
        Assert.Contains("Sessions:MaxStateBytes: 1 is out of range. Allowed: 1024 to 67108864.", errors);
        Assert.Contains("Sessions:Busy: null is not one of queue, reject, interrupt, steer.", errors);
        Assert.Contains("Servr: 'Servr' is not known. Did you mean 'Server'? Allowed are Agents, Cluster, Explain, Logging, PluginFolders, PluginLoading, PluginTrust, Plugins, Server, Sessions, Telemetry.", errors);
        Assert.Equal(13, errors.Count);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("00:00:30", 30)]
    public void Durations_are_written_with_a_unit_or_as_hours_minutes_and_seconds(string text, double seconds)
    {
        var configuration = _fixture.Read($$"""{ "Agents": { "a": {} }, "Sessions": { "RunTimeout": "{{text}}" } }""");

        Assert.Equal(TimeSpan.FromSeconds(seconds), configuration.Sessions.RunTimeout);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData("5 minutes")]
    [InlineData("999999999999999999999d")]
    public void A_duration_without_a_unit_or_sense_is_refused(string text)
    {
        var error = Assert.Single(_fixture.Errors($$"""{ "Agents": { "a": {} }, "Sessions": { "RunTimeout": "{{text}}" } }"""));

        Assert.StartsWith("Sessions:RunTimeout:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "p", "Host": { "Timeout": "50d" } } ] } } }""", "Agents:a:Chain:0:Host:Timeout")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "p" } ] } }, "Plugins": { "p": { "Host": { "Timeout": "50d" } } } }""", "Plugins:p:Host:Timeout")]
    [InlineData("""{ "Agents": { "a": {} }, "Sessions": { "Store": { "Plugin": "s", "Host": { "Timeout": "50d" } } } }""", "Sessions:Store:Host:Timeout")]
    [InlineData("""{ "Agents": { "a": {} }, "Sessions": { "RunTimeout": "50d" } }""", "Sessions:RunTimeout")]
    [InlineData("""{ "Agents": { "a": {} }, "Sessions": { "QueueTimeout": "50d" } }""", "Sessions:QueueTimeout")]
    [InlineData("""{ "Agents": { "a": {} }, "Sessions": { "Retention": { "IdleFor": "90d", "Every": "50d" } } }""", "Sessions:Retention:Every")]
    [InlineData("""{ "Agents": { "a": {} }, "Server": { "ShutdownTimeout": "50d" } }""", "Server:ShutdownTimeout")]
    [InlineData("""{ "Agents": { "a": {} }, "Server": { "HeaderTimeout": "50d" } }""", "Server:HeaderTimeout")]
    public void What_is_longer_than_a_timer_can_wait_is_refused_at_the_start(string configuration, string path)
    {
        var error = Assert.Single(_fixture.Errors(configuration));

        Assert.StartsWith($"{path}: \"50d\" is out of range. Allowed: more than 0s and at most ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void There_has_to_be_an_agent() =>
        Assert.StartsWith("Agents: There is no agent.", Assert.Single(_fixture.Errors("{}")), StringComparison.Ordinal);

    [Fact]
    public void The_same_plugin_may_stand_in_a_chain_twice_under_two_names()
    {
        var configuration = _fixture.Read("""{ "Agents": { "a": { "Chain": [ { "Plugin": "p" }, { "Plugin": "p", "Name": "audit" } ] } } }""");

        Assert.Equal(["p", "p/audit"], configuration.Agents["a"].Chain.Select(e => e.SourceId));
    }

    [Fact]
    public void Names_of_other_entries_have_to_exist()
    {
        var errors = _fixture.Errors("""
            { "Agents": { "a": { "AllowSeveralHistories": [ "histroy" ], "Chain": [ { "Plugin": "history", "Host": { "StoreContextFrom": [ "memroy" ] } }, { "Plugin": "memory" } ] } } }
            """);

        Assert.Equal(
            [
                "Agents:a:Chain:0:Host:StoreContextFrom: 'memroy' is not in the chain. Did you mean 'memory'? The chain holds history, memory.",
                "Agents:a:AllowSeveralHistories: 'histroy' is not in the chain. Did you mean 'history'? The chain holds history, memory.",
            ],
            errors);
    }

    [Theory]
    [InlineData("""{ "LogLevel": { "Default": "Info" } }""", "Logging:LogLevel:Default: 'Info' is not a level.")]
    [InlineData("""{ "Console": { "LogLevel": { "PluginHost.Plugin": "warnign" } } }""", "Logging:Console:LogLevel:PluginHost.Plugin: 'warnign' is not a level. Did you mean 'Warning'?")]
    public void A_level_of_the_log_that_does_not_exist_is_an_error(string logging, string expected)
    {
        var error = Assert.Single(_fixture.Errors($$"""{ "Agents": { "a": {} }, "Logging": {{logging}} }"""));

        Assert.Equal($"{expected} Allowed are Trace, Debug, Information, Warning, Error, Critical, None.", error);
    }

    [Theory]
    [InlineData("""{ "Console": { "MaxQueueLength": "many" } }""", "Logging:Console:MaxQueueLength: 'many' is not allowed. Allowed are whole numbers above 0.")]
    [InlineData("""{ "Console": { "MaxQueueLength": 0 } }""", "Logging:Console:MaxQueueLength: '0' is not allowed. Allowed are whole numbers above 0.")]
    [InlineData("""{ "Console": { "QueueFullMode": "Drop" } }""", "Logging:Console:QueueFullMode: 'Drop' is not allowed. Allowed are DropWrite, Wait.")]
    [InlineData("""{ "Console": { "FormatterName": "jsn" } }""", "Logging:Console:FormatterName: 'jsn' is not allowed. Did you mean 'json'? Allowed are json, simple, systemd.")]
    [InlineData("""{ "Console": { "FormaterName": "json" } }""", "Logging:Console:FormaterName: 'FormaterName' is not known. Did you mean 'FormatterName'?")]
    [InlineData("""{ "LogLevl": { "Default": "Debug" } }""", "Logging:LogLevl: 'LogLevl' is not known. Did you mean 'LogLevel'? Allowed are Console, LogLevel.")]
    [InlineData("""{ "LogLevel": "Debug" }""", "Logging:LogLevel: This is a value, and a section is expected.")]
    public void A_setting_of_the_log_that_the_start_would_ignore_or_die_of_is_an_error(string logging, string expected) =>
        Assert.StartsWith(expected, Assert.Single(_fixture.Errors($$"""{ "Agents": { "a": {} }, "Logging": {{logging}} }""")), StringComparison.Ordinal);

    [Fact]
    public void Settings_of_the_console_log_and_of_other_providers_are_accepted() => Assert.Empty(_fixture.Errors("""
        {
          "Agents": { "a": {} },
          "Logging": {
            "Console": { "FormatterName": "Json", "MaxQueueLength": 100, "QueueFullMode": "dropwrite", "LogToStandardErrorThreshold": "Error", "FormatterOptions": { "IncludeScopes": true } },
            "OpenTelemetry": { "LogLevel": { "Default": "Warning" }, "IncludeScopes": true }
          }
        }
        """));

    [Fact]
    public void A_plugin_folder_that_does_not_exist_is_an_error()
    {
        var error = Assert.Single(_fixture.Errors("""{ "Agents": { "a": {} }, "PluginFolders": [ "nowhere" ] }"""));

        Assert.StartsWith($"PluginFolders:0: There is no folder '{Path.Combine(_fixture.Folder, "nowhere")}'.", error, StringComparison.Ordinal);
    }
}
