using System.Text.RegularExpressions;

namespace PluginHost.Architecture.Tables;

/// <summary>A phrase that is not used here.</summary>
/// <param name="Phrase">Matched in comments, string literals and names, whose words are separated for that.</param>
/// <param name="Instead">What to write.</param>
/// <param name="Example">A comment that the rule must find.</param>
internal sealed record DialectPhrase(string Phrase, string Instead, string Example)
{
    public Regex Pattern { get; } = new($@"\b(?:{Phrase})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled);
}

/// <summary>Standard terms and plain sentences: what is written instead of the dialect that this code once had.</summary>
internal static class PlainWords
{
    public static IReadOnlyList<DialectPhrase> Phrases { get; } =
    [
        new("stands? for|standing for|stood for", "is, means", "A key stands for a tenant."),
        new("nobody|no one", "no caller, no reader, nothing", "Nobody waits for it."),
        new("whoever|whosoever", "the caller, a client that", "Whoever asks gets it."),
        new("somebody|someone", "a caller, a user", "Somebody else holds the lock."),
        new("(?:is|are|be|was|were|been|being) told", "is notified, receives, learns", "An observer is told of it."),
        new("of (?:its|their|his) own", "separate, itself, or nothing", "It has a thread of its own."),
        new("go(?:es)? on|went on|going on", "continue, continues", "The run goes on."),
        new("in the place of", "instead of", "It returned null in the place of a page."),
        new("a moment", "a named time, briefly, at the same time", "A file that is away for a moment."),
    ];

    /// <summary>Names of types that strangers could not look up, and the names that they have now.</summary>
    public static IReadOnlyDictionary<string, string> OldTypes { get; } = new Dictionary<string, string>
    {
        ["Abandonable"] = "BoundedWait",
        ["OwnTime"] = "SelfTime",
        ["SessionRooms"] = "SessionQuota",
        ["ThreadTrust"] = "BlockingProfile",
        ["PassedOnOutput"] = "ForwardedOutput",
        ["Pieces"] = "OutputText",
        ["Words"] = "HistoryEnumNames",
        ["Records"] = "SessionLookup",
        ["Copies"] = "MessageCloner",
        ["Condition"] = "DatabaseHealth",
        ["Tail"] = "TornLineRepair",
        ["Bytes"] = "FileBytes",
        ["HiddenError"] = "ErrorInStream",
    };

    /// <summary>The same for members, as type and name; "*" is any type.</summary>
    public static IReadOnlyDictionary<string, string> OldMembers { get; } = new Dictionary<string, string>
    {
        ["Refusals.Are"] = "RefusalContent.IsRefusal",
        ["Stage.Miss"] = "OnNotReached",
        ["RunScope.Deepest"] = "InnermostRequest",
        ["*.Of"] = "From, Create or To",
    };
}
