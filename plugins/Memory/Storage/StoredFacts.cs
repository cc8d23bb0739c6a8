using PluginHost.Memory.Facts;
using PluginHost.Sdk;

namespace PluginHost.Memory.Storage;

/// <summary>The facts of an owner beyond sessions. A change is on the disk when it returns, whatever becomes of the run.</summary>
internal sealed class StoredFacts(FactDatabase database, FactOwner owner, MemoryOptions options) : IFacts
{
    public Scope Scope => owner.Scope;

    public ScopeText Text => owner.Scope == Scope.User ? ScopeText.User : ScopeText.Agent;

    /// <summary>All facts are kept, and a run gets those that fit.</summary>
    public int MaxChars => int.MaxValue;

    public Recalled Recall(RunRequest run) => database.Read(connection =>
    {
        if (FactRows.FindOwner(connection, owner) is not { } id) return new Recalled(FactList.Empty, 0);
        var facts = FactList.Empty with { Items = FactRows.ReadShown(connection, id) };
        // The length is looked at first, because most owners have few facts.
        var recalled = facts.Items.Sum(f => (long)f.Text.Length) <= options.MaxChars
            ? facts
            : Relevance.Choose(facts, FactRows.Search(connection, id, Relevance.WordsOf(run.Input)), options.MaxChars);
        return new Recalled(recalled, facts.Count);
    });

    public string Update(Func<FactList, (FactList Facts, string Result)> change) => database.Write(connection =>
    {
        var id = FactRows.FindOwner(connection, owner);
        var before = id is { } known ? FactRows.Read(connection, known) : FactList.Empty;
        var (after, result) = change(before);
        if (!ReferenceEquals(before, after)) FactRows.Write(connection, id ?? FactRows.AddOwner(connection, owner), before, after);
        return result;
    });
}
