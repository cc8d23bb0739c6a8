using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Configuration;

/// <summary>Entries with settings and options apart, and the old form with both in one object.</summary>
public sealed class EntryFormTests : IDisposable
{
    private const string New = """
        {
          "Agents": { "a": { "Chain": [ { "Plugin": "p", "Name": "n", "Host": { "Timeout": "5s" }, "Options": { "Timeout": "text", "Load": 3 } } ] } },
          "Plugins": { "p": { "Host": { "OnError": "skip", "Timeout": "9s" }, "Options": { "Host": "db", "Options": [ 1 ] } } },
          "Sessions": { "Store": { "Plugin": "s", "Host": { "Timeout": "7s" }, "Options": { "Path": "x" } } }
        }
        """;

    private const string Old = """
        {
          "Agents": { "a": { "Chain": [ { "Plugin": "p", "Name": "n", "Timeout": "5s", "Window": 3 } ] } },
          "Plugins": { "p": { "OnError": "skip", "Path": "db" } },
          "Sessions": { "Store": { "Plugin": "s", "Timeout": "7s", "Path": "x" } }
        }
        """;

    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private PluginEntry Entry(string json) => _fixture.Read(json).Agents["a"].Chain[0];

    [Fact]
    public void Options_may_have_the_names_of_the_hosts_settings()
    {
        var entry = Entry(New);

        Assert.Equal(("p/n", TimeSpan.FromSeconds(5), OnError.Skip, true), (entry.SourceId, entry.Host.Timeout, entry.Host.OnError!.Value, entry.Host.Load));
        Assert.Equal("""{"Timeout":"text","Load":3,"Host":"db","Options":[1]}""", entry.Options.Json.ToJsonString());
        Assert.Equal("Agents:a:Chain:0:Options:Load", entry.Options.PathOf("Load"));
        Assert.Equal("Plugins:p:Options:Host", entry.Options.PathOf("Host"));
        Assert.Equal(TimeSpan.FromSeconds(7), _fixture.Read(New).Sessions.Store!.Host.Timeout);
        Assert.Empty(_fixture.Load(New).Warnings);
    }

    [Fact]
    public void The_old_form_is_read_with_one_warning_that_shows_the_new_one()
    {
        var entry = Entry(Old);

        Assert.Equal((TimeSpan.FromSeconds(5), OnError.Skip), (entry.Host.Timeout, entry.Host.OnError!.Value));
        Assert.Equal("""{"Window":3,"Path":"db"}""", entry.Options.Json.ToJsonString());
        Assert.Equal("Agents:a:Chain:0:Window", entry.Options.PathOf("Window"));
        Assert.Equal("Plugins:p:Path", entry.Options.PathOf("Path"));
        Assert.Equal(
            "Agents:a:Chain:0: Settings of the host and options of the plugin are in one object. Also in Plugins:p, Sessions:Store. "
            + """This form is read until 1.0. Write { "Plugin": "p", "Name": "n", "Host": { "Timeout": … }, "Options": { "Window": … } }.""",
            Assert.Single(_fixture.Load(Old).Warnings).ToString());
    }

    [Fact]
    public void An_error_of_the_old_form_has_the_path_that_it_is_written_at() =>
        Assert.StartsWith(
            "Agents:a:Chain:0:Timeout: 5 is not a duration",
            Assert.Single(_fixture.Errors("""{ "Agents": { "a": { "Chain": [ { "Plugin": "p", "Timeout": 5 } ] } } }""")),
            StringComparison.Ordinal);

    [Fact]
    public void With_the_new_form_what_is_beside_it_is_a_mistake() =>
        Assert.Equal(
            "Agents:a:Chain:0:Optons: 'Optons' is not known. Did you mean 'Options'? Allowed are Host, Name, Options, Plugin.",
            Assert.Single(_fixture.Errors("""{ "Agents": { "a": { "Chain": [ { "Plugin": "p", "Host": { "Load": false }, "Optons": { "Window": 3 } } ] } } }""")));

    [Theory]
    [InlineData(New, "Plugins__p__Path")]
    [InlineData(New, "Plugins__p__Options__Path")]
    [InlineData(Old, "Plugins__p__Path")]
    [InlineData(Old, "Plugins__p__Options__Path")]
    public void The_environment_sets_an_option_by_both_names_over_both_forms(string json, string variable)
    {
        _fixture.Environment[variable] = "environment.db";

        Assert.Equal("environment.db", Entry(json).Options.Json["Path"]!.GetValue<string>());
        Assert.Equal(json == Old, _fixture.Load(json).Warnings.Count == 1);
    }

    [Fact]
    public void The_environment_sets_what_the_file_sets_in_the_new_form()
    {
        _fixture.Environment["Plugins__p__Host__OnError"] = "fail";
        _fixture.Environment["Sessions__Store__Path"] = "y";

        Assert.Equal(OnError.Fail, Entry(New).Host.OnError);
        Assert.Equal("y", _fixture.Read(New).Sessions.Store!.Options.Json["Path"]!.GetValue<string>());
        Assert.Empty(_fixture.Load(New).Warnings);
    }

    [Fact]
    public void Members_of_a_model_beside_its_settings_are_options_of_a_built_in_client_and_the_old_form_of_a_plugins()
    {
        const string Models = """
            { "Agents": { "a": { "Model": { "Client": "openai", "Endpoint": "http://x" } }, "b": { "Model": { "Client": "mine", "Greeting": "Hi." } } },
              "Plugins": { "mine": { "Options": { "Mark": "!" } } } }
            """;

        var agents = _fixture.Read(Models).Agents;

        Assert.Equal("Agents:a:Model:Endpoint", agents["a"].Model.Options.PathOf("Endpoint"));
        Assert.Equal("""{"Greeting":"Hi.","Mark":"!"}""", agents["b"].Model.Plugin!.Options.Json.ToJsonString());
        Assert.Equal(
            """Agents:b:Model: Settings of the host and options of the plugin are in one object. This form is read until 1.0. Write { "Client": "mine", "Options": { "Greeting": … } }.""",
            Assert.Single(_fixture.Load(Models).Warnings).ToString());
    }
}
