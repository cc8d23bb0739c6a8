using System.Text.Json;
using Json.Schema;
using PluginHost.Cli.Authors;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Plugins.PluginCompiler;

namespace PluginHost.Tests.Plugins;

public sealed class OptionTypeTests : IDisposable
{
    private readonly PluginFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private void CompileKinds() => _fixture.Compile("Kinds", $$"""
            using System.ComponentModel; using System.ComponentModel.DataAnnotations;
            [assembly: Plugin("kinds", typeof(Reader), Options = typeof(Settings))]
            public sealed record Settings(Uri Address, DateTimeOffset Since = default, Guid Id = default, [Range(0.0, 1.0)] float Share = 0.5f,
                IReadOnlyList<Uri>? Addresses = null, IReadOnlyDictionary<string, TimeSpan>? Waits = null, Guid[]? Ids = null,
                [DefaultValue("https://example.com/")] Uri? Other = null, Secret? Key = null);
            public sealed class Reader(Settings settings) : IContextProvider { public Settings Settings => settings; {{Provides}} }
            """);

    [Fact]
    public void A_default_path_is_checked_too()
    {
        _fixture.Write("data", "");
        var setup = HostSetup.Load(
            _fixture.Write("config/appsettings.json", """{ "Agents": { "a": { "Chain": [ { "Plugin": "sqlite-history" } ] } } }"""),
            new Dictionary<string, string>(), [], new HostPaths(_fixture.Folder, OutcomeSetup.HostFolder));

        Assert.StartsWith("Agents:a:Chain:0:Options:Path: ", Assert.Single(setup.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_times_guids_and_floats_are_options()
    {
        CompileKinds();
        var setup = _fixture.LoadChain("""
            { "Plugin": "kinds", "Options": { "Address": "https://x.example/y", "Since": "2026-01-31T08:00:00Z", "Id": "01234567-89ab-cdef-0123-456789abcdef", "Share": 0.25,
              "Addresses": [ "http://a/", "http://b/" ], "Waits": { "a": "5s" }, "Ids": [ "01234567-89ab-cdef-0123-456789abcdef" ] } }
            """);
        Assert.Empty(setup.Errors);
        var scope = _fixture.Activator.Begin(setup.Catalog);

        dynamic settings = ((dynamic)(await scope.ActivateAsync(setup.Configuration!.Agents["a"].Chain[0], "a"))!.Plugin).Settings;

        Assert.Equal((new Uri("https://x.example/y"), new Uri("https://example.com/")), ((Uri)settings.Address, (Uri)settings.Other));
        Assert.Equal((new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero), 0.25f), ((DateTimeOffset)settings.Since, (float)settings.Share));
        Assert.Equal(["http://a/", "http://b/"], ((IReadOnlyList<Uri>)settings.Addresses).Select(a => a.OriginalString));
        Assert.Equal(TimeSpan.FromSeconds(5), ((IReadOnlyDictionary<string, TimeSpan>)settings.Waits)["a"]);
        Assert.Equal([(Guid)settings.Id], (Guid[])settings.Ids);
        Assert.Equal(
            [
                "\"/y\" is not an absolute address such as \"https://example.com/\".",
                "\"2026-01-31\" is not a time with its offset such as \"2026-01-31T08:00:00Z\".",
                "\"1\" is not a GUID such as \"01234567-89ab-cdef-0123-456789abcdef\".",
                "1.5 is out of range. Allowed: 0 to 1.",
            ],
            _fixture.LoadChain("""{ "Plugin": "kinds", "Options": { "Address": "/y", "Since": "2026-01-31", "Id": "1", "Share": 1.5 } }""")
                .Errors.Select(e => e.ToString()[(e.ToString().IndexOf("dll): ", StringComparison.Ordinal) + 6)..]));
    }

    [Theory]
    [InlineData(""" "Id": "01234567-89ab-cdef-0123-456789abcdef", "Share": 0.25, "Address": "https://x.example/y" """, true)]
    [InlineData(""" "Key": "text" """, true)]
    [InlineData(""" "Key": { "File": "run/secret" } """, true)]
    [InlineData(""" "Key": { "Environment": "KEY" } """, true)]
    [InlineData(""" "Key": { "Value": "text" } """, false)]
    [InlineData(""" "Key": 5 """, false)]
    [InlineData(""" "Address": 5 """, false)]
    [InlineData(""" "Share": 1.5 """, false)]
    public void The_schema_takes_what_the_host_takes(string options, bool isValid)
    {
        CompileKinds();
        var schema = JsonSchema.FromText(ConfigurationSchema.Create(_fixture.Discover().Plugins).ToJsonString());
        using var document = JsonDocument.Parse($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "kinds", "Options": { {{options}} } } ] } } }""");

        Assert.Equal(isValid, schema.Evaluate(document.RootElement).IsValid);
    }
}
