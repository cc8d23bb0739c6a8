using System.ComponentModel.DataAnnotations;

namespace PluginHost.Redaction;

/// <summary>Options of the <c>redaction</c> plugin.</summary>
/// <param name="Mask">What is masked: any of <c>email</c>, <c>phone</c>, <c>card</c>. Default (null) all three; empty for <paramref name="Patterns"/> only.</param>
/// <param name="Patterns">Further patterns; default none. They come before the others where both match the same text.</param>
/// <param name="Replacement">What stands in the place of masked text; <c>{name}</c> in it becomes <c>email</c>, <c>phone</c>, <c>card</c> or the pattern's name.</param>
/// <param name="ToolArguments">
/// Whether the arguments of tool calls are masked too, in what the model is sent and in what comes back. Default false: a tool that the
/// caller runs gets its arguments from what comes back. Tools that the host runs always get the arguments as the model gave them.
/// </param>
public sealed record RedactionOptions(
    IReadOnlyList<string>? Mask = null,
    IReadOnlyList<PatternOptions>? Patterns = null,
    string Replacement = "[{name}]",
    bool ToolArguments = false);

/// <summary>A configured pattern.</summary>
/// <param name="Name">The name in the replacement and in error messages.</param>
/// <param name="Regex">
/// A .NET regular expression without lookarounds, back references, atomic groups, conditions and comments. Its repetitions are bounded.
/// </param>
/// <param name="MaxLength">How many characters a match can have at most, 1 to 1000. Required: as much of a stream may be held back.</param>
public sealed record PatternOptions(string Name, string Regex, [Range(1, 1000)] int? MaxLength = null);
