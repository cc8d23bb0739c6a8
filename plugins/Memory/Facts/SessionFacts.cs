using PluginHost.Sdk;

namespace PluginHost.Memory.Facts;

/// <summary>The facts of a session, in its state: the host saves or discards them with the run that changed them.</summary>
internal sealed class SessionFacts(SessionState state, MemoryOptions options) : IFacts
{
    private static readonly StateKey<FactList> Key = new("facts", FactJson.Default.FactList);

    public Scope Scope => Scope.Session;

    public ScopeText Text => ScopeText.Session;

    public int MaxChars => options.MaxChars;

    /// <summary>Facts beyond reduced limits stay stored until the next change, but the model does not see them.</summary>
    public Recalled Recall(RunRequest run)
    {
        if (!state.TryGet(Key, out var facts)) return new Recalled(FactList.Empty, 0);
        facts = facts.Limit(options.MaxFacts, options.MaxChars);
        return new Recalled(facts, facts.Count);
    }

    public string Update(Func<FactList, (FactList Facts, string Result)> change)
    {
        var result = "";
        state.Update(Key, old =>
        {
            (var facts, result) = change(old ?? FactList.Empty);
            return facts;
        });
        return result;
    }
}
