using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Tests.Plugins;

public sealed class ChainValidationTests : IDisposable
{
    private readonly PluginFixture _fixture = new("GoodPlugin");

    public void Dispose() => _fixture.Dispose();

    private static void AssertError(HostSetup setup, params string[] parts)
    {
        var error = Assert.Single(setup.Errors).ToString();
        foreach (var part in parts) Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_plugin_is_an_error_with_the_names_that_exist()
    {
        AssertError(
            _fixture.LoadChain("""{ "Plugin": "good-histroy" }"""),
            "Agents:a:Chain:0: There is no plugin 'good-histroy'. Did you mean 'good-history'?",
            "There are good-client, good-context, good-guard, good-history, good-store.",
            _fixture.PluginFolder);
        AssertError(_fixture.Load("""{ "Agents": { "a": {} }, "Plugins": { "good": {} } }"""), "Plugins:good: There is no plugin 'good'.");
    }

    [Fact]
    public void A_plugin_in_a_place_for_another_kind_is_an_error()
    {
        AssertError(_fixture.LoadChain("""{ "Plugin": "good-store" }"""), "is a session store and cannot be in a chain.", "Sessions:Store");
        AssertError(_fixture.LoadChain("""{ "Plugin": "good-client" }"""), "is a chat client and cannot be in a chain.", "Model:Client");
        AssertError(
            _fixture.Load("""{ "Agents": { "a": {} }, "Sessions": { "Store": { "Plugin": "good-guard" } } }"""),
            "Sessions:Store: Plugin 'good-guard'", "is a run middleware and cannot be the session store.", "Allowed here are good-store.");
        AssertError(
            _fixture.Load("""{ "Agents": { "a": { "Model": { "Client": "good-guard" } } } }"""),
            "Agents:a:Model:Client: Plugin 'good-guard'", "cannot be a chat client");
        AssertError(
            _fixture.Load("""{ "Agents": { "a": { "Model": { "Client": "opnai" } } } }"""),
            "There is no chat client 'opnai'. Did you mean 'openai'? There are echo, good-client, openai.");
    }

    [Fact]
    public void A_chat_client_plugin_gets_the_options_of_the_model_section()
    {
        var setup = _fixture.Load("""{ "Agents": { "a": { "Model": { "Client": "good-client", "Model": "m", "Options": { "Greeting": "Hi." } } } }, "Plugins": { "good-client": { "Options": { "Greeting": "Ho." } } } }""");

        Assert.Empty(setup.Errors);
        var model = setup.Configuration!.Agents["a"].Model;
        Assert.Equal("Hi.", model.Plugin!.Options.Json["Greeting"]!.GetValue<string>());
        AssertError(_fixture.Load("""{ "Agents": { "a": { "Model": { "Client": "good-client", "Options": { "Temperature": 1 } } } } }"""), "Agents:a:Model:Options:Temperature: Plugin 'good-client'", "'Temperature' is not known.");
    }

    [Fact]
    public void Two_histories_that_load_are_an_error_unless_one_does_not_or_is_named()
    {
        const string Two = """{ "Plugin": "good-history" }, { "Plugin": "good-history", "Name": "audit" }""";
        AssertError(_fixture.LoadChain(Two), "Agents:a:Chain: Several histories load: good-history, good-history/audit.", "AllowSeveralHistories");

        Assert.Empty(_fixture.LoadChain("""{ "Plugin": "good-history" }, { "Plugin": "good-history", "Name": "audit", "Host": { "Load": false } }""").Errors);
        Assert.Empty(_fixture.Load($$"""{ "Agents": { "a": { "AllowSeveralHistories": [ "audit" ], "Chain": [ {{Two}} ] } } }""").Errors);
    }

    [Fact]
    public void Store_settings_are_for_histories_alone()
    {
        AssertError(_fixture.LoadChain("""{ "Plugin": "good-guard", "Host": { "StoreInput": false } }"""), "Agents:a:Chain:0:Host:StoreInput: 'StoreInput' is for history providers");
        AssertError(
            _fixture.Load("""{ "Agents": { "a": {} }, "Sessions": { "Store": { "Plugin": "good-store", "Host": { "Load": false } } } }"""),
            "Sessions:Store:Host:Load: 'Load' is for entries of a chain");
        Assert.Empty(_fixture.LoadChain("""{ "Plugin": "good-history", "Host": { "StoreInput": false, "OnError": "skip", "Timeout": "1s" } }""").Errors);
    }

    [Fact]
    public void Approve_is_for_plugins_that_give_tools()
    {
        AssertError(_fixture.LoadChain("""{ "Plugin": "good-guard", "Host": { "Approve": ["*"] } }"""), "Agents:a:Chain:0:Host:Approve: 'Approve' protects tools of context providers");
        Assert.Empty(_fixture.LoadChain("""{ "Plugin": "good-context", "Options": { "Path": "x" }, "Host": { "Approve": ["*"] } }""").Errors);
    }

    [Fact]
    public void A_plugin_that_says_so_may_not_be_skipped()
    {
        AssertError(_fixture.LoadChain("""{ "Plugin": "good-guard", "Host": { "OnError": "skip" } }"""), "Agents:a:Chain:0:Host:OnError: Plugin 'good-guard' may not be skipped");
        Assert.Empty(_fixture.LoadChain("""{ "Plugin": "good-guard", "Host": { "OnError": "fail" } }""").Errors);
    }

    [Fact]
    public void Errors_of_form_of_plugins_and_of_options_are_reported_together()
    {
        Directory.CreateDirectory(Path.Combine(_fixture.PluginFolder, "Broken"));

        var setup = _fixture.Load("""
            { "Agents": { "a": { "Chain": [ { "Plugin": "nothing" }, { "Plugin": "good-context", "Options": { "Wndow": 1 } } ] } }, "Servr": {}, "Plugins": { "good-store": { "Options": { "Path": "x" } } } }
            """);

        Assert.Equal(
            ["Agents:a:Chain:0", "Agents:a:Chain:1:Options:Path", "Agents:a:Chain:1:Options:Wndow", "Plugins:good-store:Options:Path", "Servr", Path.Combine(_fixture.PluginFolder, "Broken")],
            setup.Errors.Select(e => e.Path).OrderBy(p => p.StartsWith('/')).ThenBy(p => p, StringComparer.Ordinal));
        Assert.Null(setup.Configuration);
    }
}
