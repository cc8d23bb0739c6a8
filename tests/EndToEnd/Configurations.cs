using PluginHost.Postgres.Tests.Server;

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

    private static int _schemas;

    /// <summary>The same as <see cref="CreateFolder"/>; <c>postgres</c> selects a new schema of the server that tests share.</summary>
    public static async Task<WorkFolder> CreateFolderAsync(string store)
    {
        if (store != "postgres") return CreateFolder(store);
        var options = await CreatePostgresOptionsAsync();
        return WorkFolder.Create($$"""
            {
              "Agents": { "assistant": { "Chain": [ { "Plugin": "postgres-history", "Options": {{options}} }, { "Plugin": "memory" } ] } },
              "Sessions": { "Store": { "Plugin": "postgres-sessions", "Options": {{options}} } },
              "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
            }
            """);
    }

    /// <summary>The options of the plugins for PostgreSQL, with a new schema of the server that tests share.</summary>
    public static async Task<string> CreatePostgresOptionsAsync()
    {
        var server = await SharedServer.GetAsync();
        return $$"""{ "ConnectionString": "{{server.ConnectionString}}", "Schema": "store_{{Interlocked.Increment(ref _schemas)}}" }""";
    }

    /// <summary>Creates a work folder. <c>sqlite</c> selects the shipped configuration, anything else <see cref="Files"/>.</summary>
    public static WorkFolder CreateFolder(string store) => store == "sqlite" ? WorkFolder.CreateShipped() : WorkFolder.Create(Files);
}
