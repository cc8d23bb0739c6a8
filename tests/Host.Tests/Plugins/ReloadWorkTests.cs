using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.ModelClients;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Plugins;

/// <summary>What a reload does once, and what it does side by side.</summary>
public sealed class ReloadWorkTests : IDisposable
{
    private readonly PluginFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("options")]
    [InlineData("health")]
    [InlineData("probe")]
    public async Task Checks_of_plugins_that_wait_run_side_by_side(string where)
    {
        // Each of the two instances waits for the other, and fails when it is called alone.
        _fixture.Compile("Meeting", $$"""
            using System.ComponentModel.DataAnnotations;
            [assembly: Plugin("meeting", typeof(Guest), Options = typeof(Settings))]
            public static class Meeting
            {
                private static readonly TaskCompletionSource Complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
                private static int _here;
                public static Task JoinAsync()
                {
                    if (Interlocked.Increment(ref _here) == 2) Complete.SetResult();
                    return Complete.Task.WaitAsync(TimeSpan.FromSeconds(4));
                }
            }
            public sealed record Settings(string Where = "") : IValidatableObject
            {
                public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
                {
                    if (Where == "options") Meeting.JoinAsync().Wait();
                    yield break;
                }
            }
            public sealed class Guest(Settings settings) : IContextProvider, IPluginHealth
            {
                public async ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken)
                {
                    if (settings.Where == "health") await Meeting.JoinAsync();
                    return PluginHealth.Healthy;
                }
                public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
                {
                    if (settings.Where == "probe") await Meeting.JoinAsync();
                    return new();
                }
            }
            """);
        var agent = $$"""{ "Chain": [ { "Plugin": "meeting", "Options": { "Where": "{{where}}" } } ] }""";
        var setup = _fixture.Load($$"""{ "Agents": { "a": {{agent}}, "b": {{agent}} }, "PluginLoading": { "Probe": "echo" } }""");
        Assert.Empty(setup.Errors);
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), []);
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        var factory = new ChainSetFactory(_fixture.Activator, new ChatClients(clients), _fixture.Caller, NullLoggerFactory.Instance);
        var runtime = new HostRuntime(
            setup, () => setup, _ => { }, factory, engine.Chains, engine.Engine, engine.Hosts, _fixture.Caller, NullLogger<HostRuntime>.Instance);

        // A reload that a check refuses throws.
        Assert.Equal(GenerationCause.Reload, (await runtime.ReloadAsync(GenerationCause.Reload, CancellationToken.None)).Cause);
        await runtime.StopPluginsAsync();
    }

    [Fact]
    public async Task A_rollback_applies_no_earlier_keys()
    {
        const string json = """{ "Agents": { "a": { "Model": { "Client": "echo" } } } }""";
        var (first, second) = (_fixture.Load(json), _fixture.Load(json));
        Assert.Empty(first.Errors.Concat(second.Errors));
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), []);
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        var factory = new ChainSetFactory(_fixture.Activator, new ChatClients(clients), _fixture.Caller, NullLoggerFactory.Instance);
        var applied = new List<HostConfiguration>();
        var runtime = new HostRuntime(
            first, () => second, applied.Add, factory, engine.Chains, engine.Engine, engine.Hosts, _fixture.Caller, NullLogger<HostRuntime>.Instance);

        await runtime.ReloadAsync(GenerationCause.Reload, CancellationToken.None);
        Assert.Equal(GenerationCause.Rollback, (await runtime.RollBackAsync(CancellationToken.None)).Cause);

        // What was revoked between the two stays revoked.
        Assert.Same(second.Configuration, Assert.Single(applied));
        await runtime.StopPluginsAsync();
    }

    [Fact]
    public void The_metadata_of_plugins_is_read_again_only_when_a_file_has_changed()
    {
        var folder = _fixture.Add("GoodPlugin");
        using var cache = new PluginCache();
        const string json = """{ "Agents": { "a": { "Chain": [ { "Plugin": "good-context", "Options": { "Path": "x" } } ] } } }""";
        var first = _fixture.Load(json, cache: cache).Catalog.Find("good-context")!;
        Assert.Same(first.Options, _fixture.Load(json, cache: cache).Catalog.Find("good-context")!.Options);

        File.WriteAllText(Path.Combine(folder, "GoodPlugin.xml"), "<doc />");
        var changed = _fixture.Load(json, cache: cache).Catalog.Find("good-context")!;
        Assert.NotSame(first.Options, changed.Options);
        Assert.NotEqual(first.Sha256, changed.Sha256);
    }
}
