using System.Text;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

/// <summary>Requests with a key and with headers of the caller's choosing.</summary>
internal static class Calls
{
    public static async Task<HttpResponseMessage> CallAsync(
        this ApiHost host, HttpMethod method, string path, string? key = null, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return await host.Http.SendAsync(request);
    }

    public static Task<HttpResponseMessage> GetAsync(this ApiHost host, string path, string? key, params (string Name, string Value)[] headers) =>
        host.CallAsync(HttpMethod.Get, path, key, null, headers);

    public static Task<HttpResponseMessage> PostAsync(
        this ApiHost host, string path, string? key, string? json, params (string Name, string Value)[] headers) =>
        host.CallAsync(HttpMethod.Post, path, key, json, headers);
}
