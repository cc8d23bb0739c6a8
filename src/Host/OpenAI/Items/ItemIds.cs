using System.Globalization;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// Ids of items. In a run they follow from the run and the item's index in its input or output, so that a stream knows them before
/// anything is stored and nothing is stored for them. Outside of runs they are the ids of the messages.
/// </summary>
internal static class ItemIds
{
    public const string Message = "msg_", Call = "fc_", Output = "fco_", Reasoning = "rs_", Custom = "ctc_", CustomOutput = "ctco_";

    public const string ResponsePrefix = "resp_";

    /// <summary>Between the id that the model's service gave an item and its place here.</summary>
    public const char Behind = '~';

    /// <summary>A longer id of a service would make one that is not valid here.</summary>
    public const int MaxServiceId = 80;

    private static readonly string[] Prefixes = [Message, Call, Output, Reasoning, Custom, CustomOutput];

    /// <summary>The run's share of the ids of its items.</summary>
    public static string KeyOf(string runId) => runId[(runId.IndexOf('_', StringComparison.Ordinal) + 1)..];

    public static string OfOutput(string prefix, string runKey, int place) => Create(prefix, runKey, 'o', place);

    public static string OfInput(string prefix, string runKey, int place) => Create(prefix, runKey, 'i', place);

    /// <summary>The id of a part of a message that belongs to no run.</summary>
    public static string OfMessage(string prefix, string messageId, int place) =>
        place == 0 && messageId.StartsWith(prefix, StringComparison.Ordinal) ? messageId : Create(prefix, messageId, 'm', place);

    public static string New(string prefix) => prefix + Guid.CreateVersion7().ToString("N");

    /// <summary>Parses an id.</summary>
    /// <returns>Null when this is the id of no item.</returns>
    public static ItemPlace? Parse(string id)
    {
        var behind = id.LastIndexOf(Behind) + 1;
        var prefix = Array.Find(Prefixes, p => id.StartsWith(p, StringComparison.Ordinal));
        if (behind == 0 && prefix is null) return null;
        var rest = id.AsSpan(behind > 0 ? behind : prefix!.Length);
        var at = rest.LastIndexOfAnyExceptInRange('0', '9');
        if (at > 0 && rest[at] is var kind and ('i' or 'o' or 'm')
            && int.TryParse(rest[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return new ItemPlace(kind, rest[..at].ToString(), place);
        }

        return new ItemPlace('m', id, 0);
    }

    /// <summary>The id by which the model's service knows an item.</summary>
    public static string WithoutPlace(string id) => id.LastIndexOf(Behind) is > 0 and var at && Parse(id) is { } place && place.Key != id ? id[..at] : id;

    private static string Create(string prefix, string key, char kind, int place) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}{key}{kind}{place}");
}

/// <summary>Where an item is.</summary>
/// <param name="Kind">'i' for a run's input, 'o' for its output, 'm' for a message of no run.</param>
/// <param name="Key">The run's key, or the message's id.</param>
/// <param name="Place">The index among the items there.</param>
internal readonly record struct ItemPlace(char Kind, string Key, int Place);
