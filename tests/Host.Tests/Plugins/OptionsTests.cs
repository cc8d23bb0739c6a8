namespace PluginHost.Tests.Plugins;

public sealed class OptionsTests : IDisposable
{
    private readonly PluginFixture _fixture = new("GoodPlugin");

    public void Dispose() => _fixture.Dispose();

    private async Task<dynamic> Activate(string options, IReadOnlyDictionary<string, string>? environment = null)
    {
        var setup = _fixture.Load($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { {{options}} } } ] } } }""", environment);
        Assert.Empty(setup.Errors);
        var scope = _fixture.Activator.Begin(setup.Catalog);
        var instance = await scope.ActivateAsync(setup.Configuration!.Agents["a"].Chain[0], "a");
        Assert.Empty(scope.Errors);
        return ((dynamic)instance!.Plugin).Options;
    }

    [Fact]
    public async Task Defaults_are_those_of_the_record()
    {
        var options = await Activate("""
            "Path": "x"
            """);

        Assert.Equal("x", (string)options.Path);
        Assert.Equal((50, 5_000_000_000L, 0.5, 1.25m, true), ((int)options.Window, (long)options.Big, (double)options.Ratio, (decimal)options.Price, (bool)options.Enabled));
        Assert.Equal(("Careful", TimeSpan.FromSeconds(30), "short"), ((string)options.Mode.ToString(), (TimeSpan)options.Timeout2, (string)options.Style));
        Assert.Null((object?)options.Words);
        Assert.Null((object?)options.Retry);
        Assert.Null((int?)options.Limit);
    }

    [Fact]
    public async Task Every_type_is_bound()
    {
        var options = await Activate("""
            "path": "y", "Window": 100, "Big": 9000000000, "Ratio": 1, "Price": 0.1, "Enabled": false, "Mode": "fast", "Timeout2": "2m",
            "Words": [ "a", "b" ], "Headers": { "K": "V" }, "Retry": { "Attempts": 3, "Delays": [ "1s", "00:00:02" ] }, "Style": "long", "Limit": 4
            """);

        Assert.Equal(("y", 100, 9_000_000_000L, 1.0, 0.1m, false), ((string)options.Path, (int)options.Window, (long)options.Big, (double)options.Ratio, (decimal)options.Price, (bool)options.Enabled));
        Assert.Equal(("Fast", TimeSpan.FromMinutes(2), "long"), ((string)options.Mode.ToString(), (TimeSpan)options.Timeout2, (string)options.Style));
        Assert.Equal(["a", "b"], (IReadOnlyList<string>)options.Words);
        Assert.Equal("V", ((IReadOnlyDictionary<string, string>)options.Headers)["K"]);
        Assert.Equal(3, (int)options.Retry.Attempts);
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], (TimeSpan[])options.Retry.Delays);
        Assert.Equal(4, (int?)options.Limit);
    }

    [Fact]
    public async Task Text_of_the_environment_is_parsed_as_what_an_option_needs()
    {
        var options = await Activate(
            """
            "Path": "x"
            """,
            new Dictionary<string, string>
            {
                ["Plugins__good-context__Window"] = "7",
                ["Plugins__good-context__Enabled"] = "false",
                ["Plugins__good-context__Words__0"] = "a",
                ["Plugins__good-context__Words__1"] = "b",
                ["Plugins__good-context__Retry__Attempts"] = "2",
            });

        Assert.Equal((7, false, 2), ((int)options.Window, (bool)options.Enabled, (int)options.Retry.Attempts));
        Assert.Equal(["a", "b"], (IReadOnlyList<string>)options.Words);
    }

    [Fact]
    public void All_wrong_options_are_reported_with_path_value_and_what_is_allowed()
    {
        var file = Path.Combine(_fixture.PluginFolder, "GoodPlugin", "GoodPlugin.dll");
        var setup = _fixture.LoadChain("""
            { "Plugin": "good-context", "Options": { "Path": " ", "Window": 101, "Big": "9", "Ratio": 1.5, "Price": null, "Enabled": 1, "Mode": "carefull",
              "Timeout2": 30, "Words": [], "Headers": { "K": 1 }, "Retry": { "Delays": [ "x" ], "Delay": 1 }, "Style": "medium", "Wndow": 1 } }
            """);

        Assert.Equal(
            [
                "Agents:a:Chain:0:Options:Wndow: 'Wndow' is not known. Did you mean 'Window'? Allowed are Big, Enabled, Headers, Limit, Mode, Path, Price, Ratio, Retry, Style, Timeout2, Window, Words.",
                "Agents:a:Chain:0:Options:Path: \" \" is not allowed. Allowed: not empty.",
                "Agents:a:Chain:0:Options:Window: 101 is out of range. Allowed: 1 to 100.",
                "Agents:a:Chain:0:Options:Big: \"9\" is not a whole number. Write it without quotes.",
                "Agents:a:Chain:0:Options:Ratio: 1.5 is out of range. Allowed: 0 to 1.",
                "Agents:a:Chain:0:Options:Price: null is not a number.",
                "Agents:a:Chain:0:Options:Enabled: 1 is not true or false.",
                "Agents:a:Chain:0:Options:Mode: \"carefull\" is not one of the choices. Did you mean 'Careful'? Allowed are Fast, Careful.",
                "Agents:a:Chain:0:Options:Timeout2: 30 is not a duration such as \"500ms\", \"30s\", \"5m\", \"2h\" or \"00:00:30\".",
                "Agents:a:Chain:0:Options:Words: [] is not allowed. Allowed: at least 1 elements.",
                "Agents:a:Chain:0:Options:Headers:K: 1 is not text.",
                "Agents:a:Chain:0:Options:Retry:Delay: 'Delay' is not known. Did you mean 'Delays'? Allowed are Attempts, Delays.",
                "Agents:a:Chain:0:Options:Retry:Attempts: 'Attempts' must be given. It takes whole number.",
                "Agents:a:Chain:0:Options:Retry:Delays:0: \"x\" is not a duration such as \"500ms\", \"30s\", \"5m\", \"2h\" or \"00:00:30\".",
                "Agents:a:Chain:0:Options:Style: \"medium\" is not allowed. Allowed: short or long.",
            ],
            setup.Errors.Select(e => e.ToString().Replace($"Plugin 'good-context' ({file}): ", "", StringComparison.Ordinal)));
        Assert.All(setup.Errors, e => Assert.Contains(file, e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Plugin": "good-context", "Options": { "window": 5, "maxTokens": 5 } }""", "maxTokens", "MaxTokens")]
    [InlineData("""{ "Plugin": "good-context", "Load": false, "Options": { "Load": false } }""", "Load", "Load")]
    public void A_setting_of_the_host_among_the_options_is_refused_with_its_place(string entry, string given, string setting)
    {
        var error = Assert.Single(_fixture.LoadChain(entry).Errors, e => e.Path == $"Agents:a:Chain:0:Options:{given}");

        Assert.EndsWith($"'{given}' is a setting of the host, not an option.", error.Message, StringComparison.Ordinal);
        Assert.Equal($$"""Move it to the entry's Host: "Host": { "{{setting}}": … }.""", error.Cure);
    }

    [Fact]
    public void A_value_is_shown_whatever_the_name_of_its_option() =>
        Assert.EndsWith(
            "\"many\" is not a whole number.",
            Assert.Single(_fixture.LoadChain("""{ "Plugin": "good-history", "Options": { "MaxTokens": "many" } }""").Errors).ToString(),
            StringComparison.Ordinal);
}
