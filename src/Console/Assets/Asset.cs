using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PluginHost.WebConsole.Assets;

/// <summary>A file that pages load. Its address has the hash of its content, so browsers keep it. Immutable.</summary>
internal sealed record Asset(string Name, string ContentType, byte[] Content)
{
    public static Asset Style { get; } = Read("console.css", "text/css; charset=utf-8");

    public static Asset Script { get; } = Read("console.js", "text/javascript; charset=utf-8");

    public static Asset Icon { get; } = Read("icon.svg", "image/svg+xml");

    private static readonly FrozenDictionary<string, Asset> ByAddress = new[] { Style, Script, Icon }.ToFrozenDictionary(a => a.Address, StringComparer.Ordinal);

    public string Address { get; } = $"/console/assets/{Convert.ToHexStringLower(SHA256.HashData(Content))[..12]}/{Name}";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/console/assets/{hash}/{name}", ["GET"], WriteAsync).ExcludeFromDescription();

    private static Task WriteAsync(HttpContext context)
    {
        if (!ByAddress.TryGetValue(context.Request.Path.Value!, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = asset.Content.Length;
        return context.Response.Body.WriteAsync(asset.Content).AsTask();
    }

    private static Asset Read(string name, string contentType)
    {
        using var resource = typeof(Asset).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return new Asset(name, contentType, content);
    }
}
