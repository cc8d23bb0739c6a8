using System.Net.Http.Headers;
using PluginHost.Engine.Explain;
using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Sends requests to one model's server. Thread-safe.</summary>
/// <param name="http">Adds the key, and tries again.</param>
/// <param name="options">The server.</param>
/// <param name="errors">Names failures.</param>
internal sealed class ModelTransport(HttpClient http, OpenAIOptions options, ModelExceptionFactory errors)
{
    private const int MaxErrorBytes = 64 * 1024;

    public ModelExceptionFactory Errors { get; } = errors;

    /// <summary>Sends a request and waits for the head of its answer.</summary>
    /// <exception cref="ModelException">The server refused it.</exception>
    public async Task<ModelAnswer> SendAsync(string path, ReadOnlyMemory<byte> body, bool isStreamed, CancellationToken cancellationToken)
    {
        SentBody.Current?.Set(body.Span);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint.TrimEnd('/') + path);
        request.Content = new ReadOnlyMemoryContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd(isStreamed ? "text/event-stream, application/json" : "application/json");
        if (options.Organization is not null) request.Headers.TryAddWithoutValidation("OpenAI-Organization", options.Organization);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode) return new ModelAnswer(response);
        using (response) throw Errors.FromStatus(response, await ReadErrorAsync(response, cancellationToken));
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var text = new StreamReader(body);
        var buffer = new char[MaxErrorBytes];
        return new string(buffer, 0, await text.ReadBlockAsync(buffer, cancellationToken));
    }
}
