namespace PluginHost.Memory.Facts;

/// <summary>A remembered fact.</summary>
/// <param name="Id">Unique in its list and never reused.</param>
/// <param name="Text">The fact, one line.</param>
/// <param name="From">Where it was learned; null for a fact of an earlier version of the plugin.</param>
/// <param name="Earlier">The texts that it replaced, oldest first; null for none.</param>
internal sealed record Fact(int Id, string Text, Provenance? From = null, IReadOnlyList<EarlierFact>? Earlier = null)
{
    public override string ToString() => $"{Id}: {Text}";
}

/// <summary>What a fact said before it was replaced. The model never sees it again.</summary>
/// <param name="Id">The number that the fact had.</param>
/// <param name="Text">The fact, one line.</param>
/// <param name="From">Where it was learned; null when that is not known.</param>
internal sealed record EarlierFact(int Id, string Text, Provenance? From = null);

/// <summary>Where a fact was learned.</summary>
/// <param name="Session">The session.</param>
/// <param name="Run">The run.</param>
/// <param name="Time">When the model noted it.</param>
internal sealed record Provenance(string Session, string Run, DateTimeOffset Time);
