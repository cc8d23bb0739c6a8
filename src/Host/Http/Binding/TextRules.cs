using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>A rule for the text of a field.</summary>
/// <param name="message">What is wrong with text that breaks the rule.</param>
/// <param name="allowed">What is allowed, for people.</param>
/// <param name="isValid">Whether a text keeps the rule.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal abstract class TextRuleAttribute(string message, string allowed, Func<string, bool> isValid) : Attribute
{
    /// <summary>The rule as a pattern of JSON schema; null when it cannot be written as one.</summary>
    public string? Pattern { get; protected init; }

    public bool Check(string text, InputErrors errors)
    {
        if (isValid(text)) return true;
        errors.Add("", message, allowed);
        return false;
    }
}

/// <summary>An id that callers may choose.</summary>
internal sealed class IdAttribute() : TextRuleAttribute("This is not a valid id.", SessionIds.Allowed, SessionIds.IsValid);

internal sealed class NotBlankAttribute() : TextRuleAttribute("Must not be empty.", "text that is not blank", static text => !string.IsNullOrWhiteSpace(text));

internal sealed class Base64TextAttribute() : TextRuleAttribute("This is not base64.", "base64", static text => Base64.IsValid(text));

internal sealed class AbsoluteUriAttribute() : TextRuleAttribute(
    "This is not an absolute URI.", "for example https://example.com/picture.png", static text => Uri.TryCreate(text, UriKind.Absolute, out _));

internal sealed class MediaTypeAttribute() : TextRuleAttribute(
    "This is not a media type.", "for example image/png", static text => MediaTypeHeaderValue.TryParse(text, out _));

/// <summary>The name of a tool or a format.</summary>
internal sealed partial class FunctionNameAttribute : TextRuleAttribute
{
    private const string Text = "^[A-Za-z0-9_-]{1,64}$";

    public FunctionNameAttribute()
        : base("This is not a valid name.", "1 to 64 of A-Z a-z 0-9 _ -", static text => Name().Match(text).Length == text.Length && text.Length > 0) => Pattern = Text;

    [GeneratedRegex(Text)]
    private static partial Regex Name();
}
