using PluginHost.Sdk;

namespace PluginHost.Memory.Facts;

/// <summary>The facts that a run may see and change. Thread-safe.</summary>
internal interface IFacts
{
    Scope Scope { get; }

    /// <summary>The scope in words that the model understands.</summary>
    ScopeText Text { get; }

    /// <summary>How many characters all facts may have together when one is added; more than that drops the oldest.</summary>
    int MaxChars { get; }

    /// <summary>The facts for a run's instructions.</summary>
    /// <param name="run">The run, by whose input facts are chosen when not all fit.</param>
    /// <exception cref="StorageException">They cannot be read.</exception>
    Recalled Recall(RunRequest run);

    /// <summary>Changes the facts atomically and returns the result of the change.</summary>
    /// <exception cref="StorageException">They cannot be changed.</exception>
    string Update(Func<FactList, (FactList Facts, string Result)> change);
}

/// <summary>The facts for the instructions of a run.</summary>
/// <param name="Facts">The facts, oldest first.</param>
/// <param name="Total">How many there are, with those that did not fit.</param>
internal readonly record struct Recalled(FactList Facts, int Total);

/// <summary>How the model learns whose facts these are.</summary>
/// <param name="Remembered">After "Facts you remembered".</param>
/// <param name="Purpose">After "Remembers a fact".</param>
internal sealed record ScopeText(string Remembered, string Purpose)
{
    public static ScopeText Session { get; } = new("earlier in this session", "for later in this session");

    public static ScopeText User { get; } = new("about this user", "about this user, for all later sessions with the user");

    public static ScopeText Agent { get; } = new("earlier, also in sessions of other users", "for all later sessions, also of other users");
}
