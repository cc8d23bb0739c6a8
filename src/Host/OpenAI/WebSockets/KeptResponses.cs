using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Access;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Responses;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>
/// The last unstored response of each lane, in memory as long as the connection is open. Its messages count against the tenant's
/// share of bytes; one that does not fit is not kept, and a client that follows it learns that it is not found. Thread-safe.
/// </summary>
internal sealed class KeptResponses(RequestShares shares, string tenant) : IDisposable
{
    /// <summary>About what a message takes beside its text.</summary>
    private const int MessageBytes = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (KeptResponse Response, BodyShare Share)> _lanes = new(StringComparer.Ordinal);

    /// <summary>The response, of any lane; null when it is not kept.</summary>
    public KeptResponse? Find(string? id)
    {
        lock (_lock) return id is null ? null : _lanes.Values.Select(static l => l.Response).FirstOrDefault(r => r.Id == id);
    }

    /// <summary>Keeps a response instead of the last one of its lane.</summary>
    public void Keep(string? lane, RunCommand command, RunRecord run)
    {
        foreach (var message in command.Input) Detach(message);
        IReadOnlyList<HistoryMessage> messages =
        [
            .. command.Earlier,
            .. command.Input.Select(static m => Create(m, MessageOrigin.Input)),
            .. run.Output.Select(static m => Create(m, MessageOrigin.Output)),
        ];
        lock (_lock)
        {
            Remove(lane ?? "");
            var share = new BodyShare(shares, tenant);
            try
            {
                share.Add(messages.Sum(static m => MessageBytes + MessageSize.Measure(m.Message)));
                _lanes[lane ?? ""] = (new KeptResponse(run.Id, messages), share);
            }
            catch (ProblemException)
            {
                share.Dispose();
            }
        }
    }

    /// <summary>Removes a response after a request that followed it has failed: a client must not follow it again.</summary>
    public void Forget(string? id)
    {
        lock (_lock)
        {
            foreach (var (lane, _) in _lanes.Where(l => l.Value.Response.Id == id).ToList()) Remove(lane);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var lane in _lanes.Keys.ToList()) Remove(lane);
        }
    }

    private void Remove(string lane)
    {
        if (_lanes.Remove(lane, out var kept)) kept.Share.Dispose();
    }

    /// <summary>Parts of a request's JSON would keep all of it in memory.</summary>
    private static void Detach(ChatMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionResultContent { Result: JsonElement output } result) result.Result = Copy(output);
            if (content.AdditionalProperties is not { } members) continue;
            foreach (var (name, value) in members.ToList())
            {
                if (value is JsonElement json) members[name] = Copy(json);
            }
        }
    }

    private static JsonElement Copy(JsonElement json) =>
        JsonElement.Parse(JsonMarshal.GetRawUtf8Value(json), new JsonDocumentOptions { MaxDepth = Document.MaxDepth });

    private static HistoryMessage Create(ChatMessage message, MessageOrigin origin) =>
        new() { Id = ItemIds.New(ItemIds.Message), Origin = origin, Message = message };
}
