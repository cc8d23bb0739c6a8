using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>Reads one value of a body. Built once for each field.</summary>
/// <param name="Allowed">What it takes, in words.</param>
/// <param name="Read">Returns the value; null, with an error at the empty path, when it is wrong. Not called for null.</param>
internal sealed record ValueReader(string Allowed, Func<JsonElement, InputErrors, object?> Read);

/// <summary>A body with rules for several of its fields together.</summary>
internal interface ICheckedBody
{
    /// <summary>Called once for each body, also after errors: wrong and missing values are null here, despite their types.</summary>
    void Check(InputErrors errors);
}

/// <summary>A body that keeps the fields it does not know, to pass them on. Null counts as left out.</summary>
internal interface IOpenBody
{
    /// <summary>The unknown fields; null when there are none.</summary>
    IReadOnlyDictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>A body that keeps the object it was read from, to pass it on as it is.</summary>
internal interface ISentBody
{
    JsonElement Sent { get; set; }
}
