using System.Buffers.Text;
using System.Net.Http.Headers;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI;

/// <summary>Reads images, sound and files, which a request holds or refers to.</summary>
internal static class MediaContent
{
    /// <summary>Reads <c>data:type;base64,…</c>.</summary>
    /// <returns>Null unless it is one, of a type with this beginning.</returns>
    public static DataContent? FromDataUrl(string? url, string type, string? name = null)
    {
        const string Scheme = "data:";
        if (url?.StartsWith(Scheme + type, StringComparison.OrdinalIgnoreCase) != true) return null;
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) return null;
        var head = url[Scheme.Length..comma].Split(';');
        return head[^1].Equals("base64", StringComparison.OrdinalIgnoreCase) ? FromBase64(url[(comma + 1)..], head[0], name) : null;
    }

    /// <returns>Null when the text is not base64, or the type is not a media type.</returns>
    public static DataContent? FromBase64(string? text, string type, string? name = null) =>
        text is not null && Base64.IsValid(text) && MediaTypeHeaderValue.TryParse(type, out _) ? new DataContent(Convert.FromBase64String(text), type) { Name = name } : null;

    /// <returns>Null when the text is not a web address.</returns>
    public static UriContent? FromAddress(string? url, string type) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? new UriContent(address, type) : null;

    /// <returns>Null when the text is neither a web address nor a data URL.</returns>
    public static AIContent? FromUrl(string? url, string type) => (AIContent?)FromDataUrl(url, "") ?? FromAddress(url, type);

    public static void AddWrongUrl(InputErrors errors, string path) =>
        errors.Add(path, "This is neither a web address nor a data URL.", "https://…, or data:…;base64,…");

    /// <summary>Sets the level of detail at which a model reads an image.</summary>
    public static AIContent? WithDetail(AIContent? image, string? detail)
    {
        if (detail is not null) image?.AdditionalProperties = new() { ["detail"] = detail };
        return image;
    }
}
