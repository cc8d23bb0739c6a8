using System.Text.Json;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>Ids of things that exist, or did: some of another tenant, and the newest of the host's answers.</summary>
internal sealed class FuzzIds(params IReadOnlyList<string> ofOthers)
{
    public const int Most = 24;

    private static readonly string[] Names = ["id", "session_id", "last_id", "message_id", "item_id"];

    private readonly Queue<string> _told = new();

    public string At(int index)
    {
        if (index < ofOthers.Count) return ofOthers[index];
        return _told.Count == 0 ? "mine" : _told.ElementAt(index % _told.Count);
    }

    /// <summary>Takes the ids of an answer: those of its object and of the objects in its lists.</summary>
    public void Learn(JsonElement answer, int depth = 0)
    {
        if (answer.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in answer.EnumerateArray().Take(3)) Learn(item, depth + 1);
        }
        else if (answer.ValueKind == JsonValueKind.Object && depth < 4)
        {
            foreach (var member in answer.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.String && Names.Contains(member.Name)) Add(member.Value.GetString()!);
                else if (member.Name is "data" or "output" or "conversation") Learn(member.Value, depth + 1);
            }
        }
    }

    private void Add(string id)
    {
        if (_told.Contains(id)) return;
        _told.Enqueue(id);
        if (_told.Count > Most) _told.Dequeue();
    }
}
