using System.Security.Cryptography;
using System.Text;

namespace PluginHost.EndToEnd.Running;

/// <summary>API keys of two tenants and of an admin.</summary>
internal static class Keys
{
    public const string Acme = "phk_acme";
    public const string Globex = "phk_globex";
    public const string Admin = "phk_admin";

    /// <summary>Writes a key file and returns the setting that refers to it.</summary>
    public static (string Name, string Value) WriteTo(WorkFolder folder)
    {
        var lines = new[] { $"acme sha256:{Hash(Acme)}", $"globex sha256:{Hash(Globex)}", $"ops sha256:{Hash(Admin)} admin" };
        return ("Server__KeyFile", folder.Write("keys", string.Join('\n', lines)));
    }

    public static async Task<(int Status, string Body)> CallAsync(
        this RunningHost host, string key, string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        // The path must arrive unchanged, without resolved dots and escapes.
        var uri = new Uri(host.Address + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await host.Api.Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
