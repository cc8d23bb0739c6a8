using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads one agent.</summary>
internal static class AgentReader
{
    /// <summary>The host's own chat clients; plugins may not have their names.</summary>
    public static IReadOnlyList<string> BuiltInClients { get; } = ["echo", "openai"];

    public static AgentConfiguration Read(string name, SectionReader reader, EntryReader entries)
    {
        var agent = new AgentConfiguration(name)
        {
            Model = reader.Section("Model") is { } model ? ReadModel(model, entries) : new(),
            Instructions = reader.Text("Instructions"),
            Chain = ReadChain(reader, entries),
            UseServiceSession = reader.Choice("ServiceSession", ("auto", true), ("off", false)) ?? true,
            AllowSeveralHistories = reader.Texts("AllowSeveralHistories") ?? [],
        };
        reader.Finish();
        return agent;
    }

    private static ModelConfiguration ReadModel(SectionReader reader, EntryReader entries)
    {
        var client = reader.Text("Client") ?? "echo";
        var model = reader.Text("Model");
        var builtIn = BuiltInClients.FirstOrDefault(c => c.Equals(client, StringComparison.OrdinalIgnoreCase));
        var plugin = builtIn is null ? entries.ReadClient(reader, client) : null;
        return new() { Client = builtIn ?? client, Model = model, Options = plugin?.Options ?? reader.Rest(), Plugin = plugin };
    }

    private static List<PluginEntry> ReadChain(SectionReader reader, EntryReader entries)
    {
        var chain = new List<PluginEntry>();
        var items = reader.Items("Chain", "a list of plugin entries") ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Item is not JsonObject json)
                reader.Wrong(
                    $"Chain:{i}",
                    $"{Scalar.Show("", items[i].Item)} is not a plugin entry.",
                    "Write { \"Plugin\": \"<name>\", … }.");
            else if (entries.Read(reader.At(json, items[i].Path), i, EntryPlace.Chain) is { } entry)
                chain.Add(entry);
        }

        return chain;
    }
}
