using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace PluginHost.WebConsole.Api;

/// <summary>
/// The host's public API with the rights of one request: its key, token or cookie is passed on, so that the API alone decides what a
/// page may show. For one request.
/// </summary>
public sealed class ConsoleApi(HttpClient http, HttpContext caller)
{
    // Beside who it is, from which page: the API takes changes by a cookie from pages of the host alone.
    private static readonly string[] Credentials = ["Authorization", "X-Api-Key", "Cookie", "Host", "Origin", "Sec-Fetch-Site"];

    public Task<ApiAnswer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type)
        where T : class => SendAsync(HttpMethod.Get, path, null, type);

    public Task<ApiAnswer<T>> PostAsync<T>(string path, JsonNode? body, JsonTypeInfo<T> type)
        where T : class => SendAsync(HttpMethod.Post, path, body, type);

    /// <param name="method">The method.</param>
    /// <param name="path">The path with its query.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="type">The type of the answer.</param>
    /// <param name="version">The version of the session that the change is meant for; null for any.</param>
    public Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, JsonNode? body, JsonTypeInfo<T> type, string? version = null)
        where T : class =>
        SendContentAsync(method, path, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), type, version);

    /// <summary>Posts a document of JSON as it is.</summary>
    public Task<ApiAnswer<T>> PostDocumentAsync<T>(string path, Stream document, JsonTypeInfo<T> type)
        where T : class =>
        SendContentAsync(HttpMethod.Post, path, new StreamContent(document) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, type, version: null);

    private async Task<ApiAnswer<T>> SendContentAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, string? version)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        PassCredentials(request.Headers);
        if (version is not null) request.Headers.TryAddWithoutValidation("If-Match", $"\"{version}\"");
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, caller.RequestAborted);
            await using var content = await response.Content.ReadAsStreamAsync(caller.RequestAborted);
            if (response.IsSuccessStatusCode) return new(await JsonSerializer.DeserializeAsync(content, type, caller.RequestAborted), null);
            var problem = await ReadProblemAsync(response, content);
            // No part of a page can be shown without a log-in.
            return problem.Status == StatusCodes.Status401Unauthorized ? throw new ApiException(problem) : new(null, problem);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(null, Unreachable(e.Message));
        }
        catch (OperationCanceledException) when (!caller.RequestAborted.IsCancellationRequested)
        {
            return new(null, Unreachable("The answer took too long. What was asked for may still be done."));
        }
        catch (JsonException)
        {
            return new(null, Unreachable("The API's answer cannot be read."));
        }
    }

    private async Task<ApiProblem> ReadProblemAsync(HttpResponseMessage response, Stream content)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return new("", response.ReasonPhrase ?? "", status);
        return await JsonSerializer.DeserializeAsync(content, ApiJson.Default.ApiProblem, caller.RequestAborted) ?? new("", "", status);
    }

    private void PassCredentials(HttpRequestHeaders headers)
    {
        foreach (var name in Credentials)
        {
            if (caller.Request.Headers[name] is { Count: > 0 } value) headers.TryAddWithoutValidation(name, value.ToString());
        }
    }

    private static ApiProblem Unreachable(string detail) => new("", "The API does not answer", 503) { Detail = detail };
}
