namespace PluginHost.EndToEnd;

/// <summary>Configurations that the tests run hosts with.</summary>
internal static class Configurations
{
    /// <summary>History and sessions on files alone, without a database.</summary>
    public const string Files = """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "file-history", "Path": "data/files" }, { "Plugin": "memory" } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions", "Path": "data/files" } },
          "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
        }
        """;

    /// <summary>A folder for a store: <c>sqlite</c> is the configuration as it ships.</summary>
    public static WorkFolder FolderFor(string store) => store == "sqlite" ? WorkFolder.Shipped() : WorkFolder.Configured(Files);
}
