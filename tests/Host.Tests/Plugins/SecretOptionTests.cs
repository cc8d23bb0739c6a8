using System.CommandLine;
using System.Text.Json;
using PluginHost.Cli;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Sdk;
using static PluginHost.Tests.Plugins.PluginCompiler;

namespace PluginHost.Tests.Plugins;

public sealed class SecretOptionTests : IDisposable
{
    private const string Hidden = "canary-5b1e";

    private readonly PluginFixture _fixture = new();
    private readonly Dictionary<string, string> _environment = [];

    public SecretOptionTests() => _fixture.Compile("Secrets", $$"""
        [assembly: Plugin("secrets", typeof(Reader), Options = typeof(Settings))]
        public sealed record Settings(Secret Key, Secret? Other = null, IReadOnlyList<Secret>? More = null, IReadOnlyDictionary<string, Secret>? Named = null);
        public sealed class Reader(Settings settings) : IContextProvider
        {
            public Settings Settings => settings;
            public string Seen => settings.Key.Reveal();
            {{Provides}}
        }
        """);

    public void Dispose() => _fixture.Dispose();

    private HostSetup Load(string options) =>
        _fixture.Load($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "secrets", "Options": { {{options}} } } ] } } }""", _environment);

    private async Task<PluginInstance> ActivateAsync(string options)
    {
        var setup = Load(options);
        Assert.Empty(setup.Errors);
        var scope = _fixture.Activator.Begin(setup.Catalog);
        var instance = await scope.ActivateAsync(setup.Configuration!.Agents["a"].Chain[0], "a");
        Assert.Empty(scope.Errors);
        return instance!;
    }

    [Fact]
    public async Task A_secret_comes_from_text_a_file_or_a_variable()
    {
        _environment["SECRET_A"] = "of the variable";
        var file = _fixture.Write("run/secret", "of the file\n");

        Assert.Equal("of the text", (string)((dynamic)(await ActivateAsync("\"Key\": \"of the text\"")).Plugin).Seen);
        Assert.Equal("of the file", (string)((dynamic)(await ActivateAsync($"\"Key\": {{ \"File\": \"{file}\" }}")).Plugin).Seen);
        Assert.Equal("of the file", (string)((dynamic)(await ActivateAsync("\"Key\": { \"File\": \"run/secret\" }")).Plugin).Seen);
        Assert.Equal("of the variable", (string)((dynamic)(await ActivateAsync("\"Key\": { \"Environment\": \"SECRET_A\" }")).Plugin).Seen);
        _fixture.Write("run/secret", " lines\nstay\n\r\n");
        Assert.Equal(" lines\nstay\n", (string)((dynamic)(await ActivateAsync("\"Key\": { \"File\": \"run/secret\" }")).Plugin).Seen);
        _environment["Plugins__secrets__Key"] = "of the environment";
        Assert.Equal("of the environment", (string)((dynamic)(await ActivateAsync("\"More\": [ \"x\" ]")).Plugin).Seen);
    }

    [Fact]
    public void What_is_missing_is_named_and_the_value_never_is()
    {
        var empty = _fixture.Write("run/empty", "\n");
        _environment["EMPTY"] = "";

        var errors = Load($$"""
            "Key": { "File": "run/none" }, "Other": { "Environment": "NOT_SET" },
            "More": [ { "Environment": "EMPTY" }, "", { "File": "{{empty}}" }, { "Value": "{{Hidden}}" }, { "File": "a", "Environment": "b" }, [ "{{Hidden}}" ] ],
            "Named": { "x": 5 }
            """).Errors.Select(e => e.ToString()).ToList();

        Assert.Equal(9, errors.Count);
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:0:Options:Key: ", StringComparison.Ordinal) && e.Contains("The secret's file cannot be read", StringComparison.Ordinal) && e.Contains("run/none", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("Options:Other: ", StringComparison.Ordinal) && e.Contains("'NOT_SET' is not set, or empty.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("Options:More:0: ", StringComparison.Ordinal) && e.Contains("'EMPTY'", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("Options:More:2: ", StringComparison.Ordinal) && e.Contains($"'{empty}' is empty.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("Options:Named:x: ", StringComparison.Ordinal) && e.Contains("This is not a secret (its value is not shown).", StringComparison.Ordinal));
        Assert.All(errors, e => Assert.Contains("{ \"Environment\": \"<name>\" }", e, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, e => e.Contains(Hidden, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_where_a_list_or_a_map_of_secrets_belongs_is_not_shown()
    {
        var errors = Load($$""" "Key": "k", "More": "{{Hidden}}", "Named": "{{Hidden}}" """).Errors.Select(e => e.ToString()).ToList();

        Assert.Equal(2, errors.Count);
        Assert.All(errors, e => Assert.Contains("(hidden) is not", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_shows_the_value()
    {
        var instance = await ActivateAsync($$""" "Key": "{{Hidden}}", "Named": { "x": "{{Hidden}}" } """);
        object settings = ((dynamic)instance.Plugin).Settings;

        Assert.Contains("Key = (hidden)", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Hidden, JsonSerializer.Serialize(settings, settings.GetType()), StringComparison.Ordinal);
        Assert.Equal("(hidden)", $"{new Secret(Hidden)}");
        foreach (var command in new[] { "check", "plugins" })
        {
            var output = new StringWriter();
            var options = new CommandOptions();
            var root = new RootCommand { CheckCommand.Create(options, _fixture.Paths), PluginsCommand.Create(options, _fixture.Paths) };
            root.Options.Add(options.Config);
            await root.Parse([command]).InvokeAsync(new InvocationConfiguration { Output = output, Error = output });
            Assert.Contains("secret", output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Hidden, output.ToString(), StringComparison.Ordinal);
        }
    }
}
