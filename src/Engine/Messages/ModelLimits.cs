namespace PluginHost.Engine.Messages;

/// <summary>
/// What a model's server says of the limits of the account, in the headers of an answer whose names begin with <c>x-ratelimit-</c>. A
/// client gives it as the raw representation of the first update of an answer. Immutable.
/// </summary>
internal sealed record ModelLimits(IReadOnlyList<KeyValuePair<string, string>> Headers);
