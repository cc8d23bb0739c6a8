using System.Text;

namespace PluginHost.EndToEnd.Troubleshooting;

internal static class RawRequests
{
    /// <summary>Sends a request, and returns the body of the answer as it came.</summary>
    public static async Task<string> SendRawAsync(
        this RunningHost host, string method, string path, string? body = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Address + path));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var response = await host.Api.Http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Runs an agent.</summary>
    public static Task<string> RunRawAsync(this RunningHost host, string session, string body, params (string Name, string Value)[] headers) =>
        host.SendRawAsync("POST", $"/v1/sessions/{session}/runs", body, headers: headers);
}
