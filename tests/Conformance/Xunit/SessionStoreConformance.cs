using PluginHost.Sdk.Testing.Conformance.Sessions;
using Xunit;

namespace PluginHost.Conformance;

/// <summary>The checks of <see cref="ISessionStore"/> as xunit tests: derive the tests of a store plugin from this class.</summary>
public abstract class SessionStoreConformance
{
    public static TheoryData<string> Cases => [.. SessionStoreChecks.Cases];

    /// <summary>Creates the store, always with the same files below the context's folder.</summary>
    protected abstract ISessionStore Create(PluginContext context);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        await using var checks = new SessionStoreChecks(Create);
        await checks.RunAsync(name);
    }
}
