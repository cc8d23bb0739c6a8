using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>Writes images and documents.</summary>
internal sealed class MediaWriter(Utf8JsonWriter json, ServerFailures failures)
{
    private const string Pdf = "application/pdf";

    public void Write(AIContent content)
    {
        switch (content)
        {
            case DataContent image when image.HasTopLevelMediaType("image"):
                WriteSource("image", "base64", "data", image.Base64Data.ToString(), image.MediaType);
                break;
            case DataContent { MediaType: Pdf } pdf:
                WriteSource("document", "base64", "data", pdf.Base64Data.ToString(), Pdf, pdf.Name);
                break;
            case DataContent text when text.HasTopLevelMediaType("text"):
                WriteSource("document", "text", "data", Encoding.UTF8.GetString(text.Data.Span), "text/plain", text.Name);
                break;
            case UriContent image when image.HasTopLevelMediaType("image"):
                WriteSource("image", "url", "url", image.Uri.OriginalString);
                break;
            case UriContent { MediaType: Pdf } pdf:
                WriteSource("document", "url", "url", pdf.Uri.OriginalString);
                break;
            case HostedFileContent file:
                WriteSource(file.MediaType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true ? "image" : "document", "file", "file_id", file.FileId);
                break;
            default:
                throw failures.CreateRejected($"It takes text, images, PDF and text files, but not {Describe(content)}.");
        }
    }

    /// <summary>A content of a tool's result. A text names what the service does not take: the tool has been run, and its result must not end the run.</summary>
    public static AIContent InResult(AIContent content) => IsTaken(content) ? content : new TextContent($"[{Describe(content)}]");

    private static bool IsTaken(AIContent content) => content switch
    {
        DataContent data => data.HasTopLevelMediaType("image") || data.HasTopLevelMediaType("text") || data.MediaType == Pdf,
        UriContent uri => uri.HasTopLevelMediaType("image") || uri.MediaType == Pdf,
        _ => content is TextContent or HostedFileContent,
    };

    private void WriteSource(string type, string source, string name, string value, string? mediaType = null, string? title = null)
    {
        json.WriteString("type", type);
        json.WriteStartObject("source");
        json.WriteString("type", source);
        if (mediaType is not null) json.WriteString("media_type", mediaType);
        json.WriteString(name, value);
        json.WriteEndObject();
        if (!string.IsNullOrEmpty(title)) json.WriteString("title", title);
    }

    private static string Describe(AIContent content) => content switch
    {
        DataContent data => $"a file of type {data.MediaType}",
        UriContent uri => $"the address of a file of type {uri.MediaType}",
        _ => $"a {content.GetType().Name}",
    };
}
