using System.Text.Json;
using Json.Schema;
using PluginHost.Cli.Authors;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Tests.Plugins;

namespace PluginHost.Tests.Cli;

/// <summary>The schema that <c>pluginhost schema</c> writes, asked by a validator that other programs use.</summary>
public sealed class SchemaTests : IDisposable
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly string ShippedPlugins = Path.Combine(RepositoryFiles.HostOutput, "plugins");

    private readonly PluginFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void The_shipped_configuration_is_valid()
    {
        var file = Path.Combine(RepositoryFiles.Root, "config", "appsettings.json");

        Assert.Equal([], Errors(File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("""{ "$schema": "appsettings.schema.json", "Agents": { "a": {} } }""")]
    [InlineData("""{ "Agents": { "a": { "Model": { "Client": "openai", "Model": "m", "Endpoint": "http://127.0.0.1:1/v1" }, "Instructions": null } } }""")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "memory", "Host": { "Timeout": "500ms", "OnError": "fail" }, "Options": { "MaxFacts": 5 } } ] } } }""")]
    [InlineData("""{ "Plugins": { "sqlite-history": { "Host": { "Timeout": "5s" }, "Options": { "Path": "a.db" } } }, "Logging": { "LogLevel": { "Default": "Debug" } } }""")]
    [InlineData("""{ "Sessions": { "Store": { "Plugin": "sqlite-sessions" }, "RunTimeout": "00:01:00" } }""")]
    public void What_the_host_takes_is_valid(string configuration)
    {
        Assert.Equal([], Errors(configuration));
        Assert.Equal([], _fixture.LoadWith(RepositoryFiles.HostOutput, configuration).Loaded.Errors.Where(e => e.Path != "Agents").Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("""{ "Agnts": {} }""", "/Agnts")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "nothing" } ] } } }""", "/Agents/a/Chain/0/Plugin")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "MaxFacts": 5 } ] } } }""", "/Agents/a/Chain/0")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "memory", "Options": { "MaxFact": 5 } } ] } } }""", "/Agents/a/Chain/0/Options/MaxFact")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "memory", "Options": { "MaxFacts": "5" } } ] } } }""", "/Agents/a/Chain/0/Options/MaxFacts")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "memory", "Options": { "Endpoint": "of another plugin" } } ] } } }""", "/Agents/a/Chain/0/Options/Endpoint")]
    [InlineData("""{ "Agents": { "a": { "Model": { "Client": "echo", "Endpoint": "of another client" } } } }""", "/Agents/a/Model/Endpoint")]
    [InlineData("""{ "Sessions": { "QueueLimit": 0 } }""", "/Sessions/QueueLimit")]
    [InlineData("""{ "Sessions": { "RunTimeout": "30" } }""", "/Sessions/RunTimeout")]
    [InlineData("""{ "Sessions": { "Busy": "maybe" } }""", "/Sessions/Busy")]
    [InlineData("""{ "Plugins": { "nothing": {} } }""", "/Plugins/nothing")]
    [InlineData("""{ "Agents": { "a": { "Chain": [ { "Plugin": "memory", "Host": { "Timeout": "soon" } } ] } } }""", "/Agents/a/Chain/0/Host/Timeout")]
    public void What_the_host_refuses_is_found_where_it_is(string configuration, string place)
    {
        Assert.NotEmpty(_fixture.LoadWith(RepositoryFiles.HostOutput, configuration).Errors);
        Assert.Contains(place, Errors(configuration));
    }

    [Fact]
    public void Options_have_their_documentation_and_defaults()
    {
        var schema = ConfigurationSchema.Create(PluginCatalog.Discover([ShippedPlugins]).Plugins);
        var maxFacts = schema["properties"]!["Plugins"]!["properties"]!["memory"]!["properties"]!["Options"]!["properties"]!["MaxFacts"]!;

        Assert.Equal("integer", (string?)maxFacts["type"]);
        Assert.NotNull(maxFacts["description"]);
        Assert.NotNull(maxFacts["default"]);
    }

    private static List<string> Errors(string configuration)
    {
        var schema = JsonSchema.FromText(ConfigurationSchema.Create(PluginCatalog.Discover([ShippedPlugins]).Plugins).ToJsonString());
        using var document = JsonDocument.Parse(configuration, Lenient);
        var result = schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? [] : [.. (result.Details ?? []).Where(d => !d.IsValid).Select(d => d.InstanceLocation.ToString()).Distinct()];
    }
}
