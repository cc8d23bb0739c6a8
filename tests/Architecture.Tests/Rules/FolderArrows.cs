using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture.Rules;

/// <summary>Inside a project a folder uses only what its table allows, every folder is in the table, and no folder is overfull.</summary>
internal static class FolderArrows
{
    /// <summary>A folder of more files than this has to be divided.</summary>
    public const int MostFiles = 20;

    /// <summary>Arrows that the table does not allow, as <c>Engine/Runs/Log.cs uses Chains/Chain</c>.</summary>
    public static IEnumerable<string> Find(SourceProject project, FolderTable table) =>
        (from file in project.Files
         let user = table.OwnerOf(file.Folder)
         where user is not null
         from use in file.Uses.All
         let home = project.Find(use.Type)
         where home is not null
         let used = table.OwnerOf(home.Folder)
         where used is not null && !table.Allows(user, used)
         select $"{file} uses {Join(home.Folder, use.Type!.Name)}").Distinct();

    /// <summary>Folders that the table lacks, rows without a folder, and folders with too many files.</summary>
    public static IEnumerable<string> FindFolders(SourceProject project, FolderTable table)
    {
        var folders = project.Files.GroupBy(f => f.Folder).ToDictionary(g => g.Key, g => g.Count());
        foreach (var folder in folders.Keys.Where(f => table.Find(f) is null)) yield return $"{project.Name}/{folder} is not in the table";
        foreach (var row in table.Rows.Where(r => !folders.Keys.Any(f => f == r.Path || f.StartsWith($"{r.Path}/", StringComparison.Ordinal))))
            yield return $"{project.Name}/{row.Path} is in the table and has no files";
        foreach (var (folder, files) in folders.Where(f => f.Value > MostFiles)) yield return $"{project.Name}/{folder} has {files} files";
    }

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
}
