namespace PluginHost.Mcp.Servers;

/// <summary>Bounds what a server at an address sends: an answer, or each message of a stream.</summary>
internal sealed class BoundedResponses(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var given = response.Content;
        var end = given.Headers.ContentType?.MediaType == "text/event-stream" ? MessageEnd.BlankLine : MessageEnd.Never;
        var content = new StreamContent(new BoundedMessages(await given.ReadAsStreamAsync(cancellationToken), end));
        foreach (var (name, values) in given.Headers) content.Headers.TryAddWithoutValidation(name, values);
        response.Content = content;
        return response;
    }
}
