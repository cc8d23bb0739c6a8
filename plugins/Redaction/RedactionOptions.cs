using System.ComponentModel.DataAnnotations;

namespace PluginHost.Redaction;

/// <summary>Options of the <c>redaction</c> plugin.</summary>
/// <param name="Mask">What to mask: any of <c>email</c>, <c>phone</c>, <c>card</c>. Default (null): all three. Empty: only <paramref name="Patterns"/>.</param>
/// <param name="Patterns">Additional patterns. They have precedence where another pattern matches the same text. Default: none.</param>
/// <param name="Replacement">The text that replaces a match; <c>{name}</c> in it becomes <c>email</c>, <c>phone</c>, <c>card</c> or the pattern's name.</param>
/// <param name="ToolArguments">
/// Whether to mask the arguments of tool calls in requests to the model and in its answers. Default: false, because callers run their
/// tools with the arguments of the answer. Tools that the host runs always receive the model's arguments.
/// </param>
public sealed record RedactionOptions(
    IReadOnlyList<string>? Mask = null,
    IReadOnlyList<PatternOptions>? Patterns = null,
    string Replacement = "[{name}]",
    bool ToolArguments = false) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var errors = new List<(string Option, string Message)>();
        MaskSetBuilder.TryBuild(this, errors);
        return errors.Select(e => new ValidationResult(e.Message, [e.Option]));
    }
}

/// <summary>A configured pattern.</summary>
/// <param name="Name">The name in the replacement and in error messages.</param>
/// <param name="Regex">
/// A .NET regular expression without lookarounds, back references, atomic groups, conditions and comments. Repetitions must have a
/// limit.
/// </param>
/// <param name="MaxLength">The maximum length of a match, 1 to 1000 characters. Required: a stream may hold back as much text.</param>
public sealed record PatternOptions(string Name, string Regex, [Range(1, 1000)] int? MaxLength = null);
