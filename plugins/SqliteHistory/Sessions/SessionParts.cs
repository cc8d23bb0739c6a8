using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The kinds of parts, with their stored values.</summary>
internal enum PartKind
{
    Metadata = 0,
    State = 1,
    Extension = 2,
}

/// <summary>A part of a session to write, or to remove when its JSON is null.</summary>
internal readonly record struct ChangedPart(PartKind Kind, string Name, byte[]? Json);

/// <summary>The large parts of a session: metadata, extensions and each scope of its state. A save writes only changed parts.</summary>
internal static class SessionParts
{
    /// <summary>The record whose document goes into the session's row.</summary>
    public static SessionRecord RemoveFrom(SessionRecord record) => record with
    {
        Metadata = ReadOnlyDictionary<string, string>.Empty,
        State = ReadOnlyDictionary<string, JsonElement>.Empty,
        Extensions = ReadOnlyDictionary<string, JsonElement>.Empty,
    };

    public static List<ChangedPart> FindChanges(SessionRecord? previous, SessionRecord record)
    {
        var changes = new List<ChangedPart>();
        AddMetadata(changes, previous?.Metadata ?? EmptyMetadata, record.Metadata);
        Add(changes, PartKind.State, previous?.State ?? EmptyJson, record.State);
        Add(changes, PartKind.Extension, previous?.Extensions ?? EmptyJson, record.Extensions);
        return changes;
    }

    public static IReadOnlyDictionary<string, string> ReadMetadata(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, StoreJson.Default.DictionaryStringString)!;

    private static Dictionary<string, string> EmptyMetadata { get; } = [];

    private static Dictionary<string, JsonElement> EmptyJson { get; } = [];

    private static void AddMetadata(
        List<ChangedPart> changes, IReadOnlyDictionary<string, string> old, IReadOnlyDictionary<string, string> now)
    {
        if (ReferenceEquals(old, now)) return;
        if (old.Count == now.Count && now.All(m => old.TryGetValue(m.Key, out var value) && value == m.Value)) return;
        var json = now.Count == 0 ? null : JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(now), StoreJson.Default.DictionaryStringString);
        changes.Add(new ChangedPart(PartKind.Metadata, "", json));
    }

    private static void Add(
        List<ChangedPart> changes, PartKind kind, IReadOnlyDictionary<string, JsonElement> old, IReadOnlyDictionary<string, JsonElement> now)
    {
        if (ReferenceEquals(old, now)) return;
        foreach (var (name, value) in now)
        {
            var json = JsonMarshal.GetRawUtf8Value(value);
            if (old.TryGetValue(name, out var before) && JsonMarshal.GetRawUtf8Value(before).SequenceEqual(json)) continue;
            changes.Add(new ChangedPart(kind, name, json.ToArray()));
        }

        foreach (var name in old.Keys)
        {
            if (!now.ContainsKey(name)) changes.Add(new ChangedPart(kind, name, null));
        }
    }
}
