using PluginHost.Sdk.Testing.Conformance.Journal;
using Xunit;

namespace PluginHost.Conformance;

/// <summary>The checks of <see cref="IRunJournal"/> as xunit tests: derive the tests of a session store with a journal from this class.</summary>
public abstract class RunJournalConformance
{
    public static TheoryData<string> Cases => [.. RunJournalChecks.Cases];

    /// <summary>Creates the store, always with the same files below the context's folder.</summary>
    protected abstract ISessionStore Create(PluginContext context);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        await using var checks = new RunJournalChecks(Create);
        await checks.RunAsync(name);
    }
}
