using PluginHost.Sdk.Testing.Conformance.History;
using Xunit;

namespace PluginHost.Conformance;

/// <summary>The checks of <see cref="IHistoryProvider"/> as xunit tests: derive the tests of a history plugin from this class.</summary>
public abstract class HistoryProviderConformance
{
    public static TheoryData<string> Cases => [.. HistoryChecks.Cases];

    /// <summary>Creates the provider, always with the same files below the context's folder.</summary>
    protected abstract IHistoryProvider Create(PluginContext context);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        await using var checks = new HistoryChecks(Create) { MustReturnPinned = true };
        await checks.RunAsync(name);
    }
}
