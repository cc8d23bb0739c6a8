using CsCheck;

namespace PluginHost.Tests.Engine.Property;

internal enum Kind
{
    History,
    Context,
    Middleware,
    Function,
}

internal enum Does
{
    Pass,
    Change,
    Answer,
    ThrowBefore,
    ThrowAfter,
}

internal enum Ends
{
    Well,
    Broken,
    Cancelled,
}

[Flags]
internal enum Stores
{
    None = 0,
    Input = 1,
    Output = 2,
    Context = 4,
    AsReceived = 8,
}

/// <summary>One entry of a chain.</summary>
internal sealed record Entry(Kind Kind, Does Does, Stores Stores, bool Skip);

/// <summary>
/// One run: the model says <paramref name="Chunks"/> pieces of text in every call and calls a tool in the first
/// <paramref name="ToolCalls"/>; unless it ends well, it breaks off in one of its calls after some items.
/// </summary>
internal sealed record Turn(int ToolCalls, int Chunks, bool ToolThrows, Ends Ends, int InCall, int AfterItems)
{
    /// <summary>Whether the run is cancelled while a call's tool works, if it is reached.</summary>
    public bool IsCancelledInTool(int call) =>
        Ends == Ends.Cancelled && call == InCall && call < ToolCalls && AfterItems > Chunks;

    public bool BreaksIn(int call) => Ends != Ends.Well && call == InCall && !IsCancelledInTool(call);
}

internal sealed record ChainCase(IReadOnlyList<Entry> Chain, IReadOnlyList<Turn> Turns)
{
    private static readonly Gen<Entry> Entries = Gen.Select(
        Gen.Enum<Kind>(),
        Gen.Enum<Does>(),
        Gen.Int[0, 15].Select(flags => (Stores)flags),
        Gen.Bool,
        (kind, does, stores, skip) => new Entry(kind, does, stores, skip));

    private static readonly Gen<Turn> AllTurns = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool, Gen.Enum<Ends>(), Gen.Int[0, 2], Gen.Int[0, 3],
        (calls, chunks, throws, ends, call, items) => new Turn(calls, chunks, throws, ends, call % (calls + 1), items % (chunks + 2)));

    public static Gen<ChainCase> All { get; } = Gen.Select(
        Entries.List[0, 6], AllTurns.List[1, 4], (chain, turns) => new ChainCase(chain, turns));

    public override string ToString() => $"{string.Join("\n", Chain)}\n{string.Join("\n", Turns)}";
}
