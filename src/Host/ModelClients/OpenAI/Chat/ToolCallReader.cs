using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Joins the pieces of tool calls. Servers differ: some give every call the index 0, some no index, some no id.</summary>
internal sealed class ToolCallReader
{
    private static readonly HashSet<string> Known = ["index", "id", "type", "function", "custom"];

    private readonly List<Call> _calls = [];

    public void Add(JsonElement piece)
    {
        var custom = piece.Get("custom");
        var function = custom ?? piece.Get("function") ?? default;
        var (id, name) = (piece.GetText("id") ?? "", function.GetText("name") ?? "");
        var call = Find(piece.GetCount("index"), id, name);
        if (call is null) _calls.Add(call = new Call(piece.GetCount("index")));
        if (id.Length > 0 && call.Id.Length == 0) call.Id = id;
        if (name.Length > 0) call.Name = name;
        call.IsCustom |= custom is not null;
        if (function.Get(call.IsCustom ? "input" : "arguments") is { } arguments)
            call.Arguments.Append(arguments.ValueKind == JsonValueKind.String ? arguments.GetString() : CompactJson.Write(arguments));
        if (piece.Others(Known) is { } others) call.Members = others;
    }

    public IEnumerable<FunctionCallContent> End()
    {
        for (var i = 0; i < _calls.Count; i++)
        {
            var call = _calls[i];
            var id = call.Id.Length > 0 ? call.Id : string.Create(CultureInfo.InvariantCulture, $"call_{Guid.NewGuid():N}{i}");
            yield return WireContent.WithMembers(
                call.IsCustom ? CallArguments.CreateCustom(id, call.Name, call.Arguments.ToString()) : CallArguments.Create(id, call.Name, call.Arguments.ToString()), call.Members);
        }
    }

    /// <summary>The call that a piece continues; null when it begins one.</summary>
    private Call? Find(long? index, string id, string name)
    {
        var found = index is null && id.Length > 0 ? _calls.FindLast(c => c.Id == id) : index is null ? _calls.LastOrDefault() : _calls.FindLast(c => c.Index == index);
        if (found is null) return null;
        // A call begins with its name: some servers make an id anew for every piece.
        if (id.Length > 0) return found.Id.Length == 0 || found.Id == id || name.Length == 0 ? found : null;
        // A name without an id, behind a complete call, begins another one.
        return name.Length > 0 && found.Id.Length == 0 && found.IsComplete ? null : found;
    }

    private sealed class Call(long? index)
    {
        public long? Index { get; } = index;

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public bool IsCustom { get; set; }

        public StringBuilder Arguments { get; } = new();

        public JsonElement? Members { get; set; }

        public bool IsComplete
        {
            get
            {
                try
                {
                    return JsonElement.Parse(Arguments.ToString()).ValueKind == JsonValueKind.Object;
                }
                catch (JsonException)
                {
                    return false;
                }
            }
        }
    }
}
