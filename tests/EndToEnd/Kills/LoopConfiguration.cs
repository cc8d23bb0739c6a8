namespace PluginHost.EndToEnd.Kills;

/// <summary>The configuration of a host with the model and the tools of a <see cref="LoopServer"/>.</summary>
internal static class LoopConfiguration
{
    /// <param name="store"><c>sqlite</c>, <c>files</c> or <c>postgres</c>.</param>
    /// <param name="server">The servers.</param>
    /// <param name="approve">Whether charges need an approval, and the plugin asks the server before each attempt of a run.</param>
    public static async Task<WorkFolder> CreateFolderAsync(string store, LoopServer server, bool approve = false)
    {
        var effects = $$"""{ "Plugin": "effects", "Options": { "Endpoint": "{{server.Address}}/effects", "AsksFirst": {{(approve ? "true" : "false")}} }{{(approve ? """, "Host": { "Approve": [ "charge" ] }""" : "")}} }""";
        var (name, options) = store switch
        {
            "sqlite" => ("sqlite", """{ "Path": "data/sessions.db" }"""),
            "files" => ("file", """{ "Path": "data/files" }"""),
            _ => ("postgres", await Configurations.CreatePostgresOptionsAsync()),
        };
        var folder = WorkFolder.Create($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": {
                "assistant": {
                  "Model": { "Client": "openai", "Endpoint": "{{server.Address}}/v1", "Model": "m" },
                  "Chain": [
                    { "Plugin": "{{name}}-history", "Options": {{options}} },
                    {{effects}}
                  ]
                }
              },
              "Sessions": { "Store": { "Plugin": "{{name}}-sessions", "Options": {{options}} } }
            }
            """);
        folder.InstallPlugin(BuildOutputs.EffectFolder, "EffectPlugin");
        return folder;
    }
}
