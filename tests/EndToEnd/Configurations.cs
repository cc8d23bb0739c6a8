namespace PluginHost.EndToEnd;

/// <summary>Host configurations that several tests share.</summary>
internal static class Configurations
{
    /// <summary>History and sessions in files, without a database.</summary>
    public const string Files = """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "file-history", "Options": { "Path": "data/files" } }, { "Plugin": "memory" } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions", "Options": { "Path": "data/files" } } },
          "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
        }
        """;

    /// <summary>Creates a work folder. <c>sqlite</c> selects the shipped configuration, anything else <see cref="Files"/>.</summary>
    public static WorkFolder CreateFolder(string store) => store == "sqlite" ? WorkFolder.CreateShipped() : WorkFolder.Create(Files);
}
