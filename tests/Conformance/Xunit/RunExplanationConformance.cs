using PluginHost.Sdk.Testing.Conformance.Explanations;
using Xunit;

namespace PluginHost.Conformance;

/// <summary>The checks of <see cref="IRunExplanations"/> as xunit tests: derive the tests of a session store that keeps explanations from this class.</summary>
public abstract class RunExplanationConformance
{
    public static TheoryData<string> Cases => [.. RunExplanationChecks.Cases];

    /// <summary>Creates the store, always with the same files below the context's folder.</summary>
    protected abstract ISessionStore Create(PluginContext context);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        await using var checks = new RunExplanationChecks(Create);
        await checks.RunAsync(name);
    }
}
