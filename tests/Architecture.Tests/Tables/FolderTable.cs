namespace PluginHost.Architecture.Tables;

/// <summary>The folders of a project and which of them may use which. To let a folder use another one, change its row here.</summary>
/// <param name="Project">The project's folder below src.</param>
/// <param name="Rows">Its folders, top to bottom.</param>
internal sealed record FolderTable(string Project, IReadOnlyList<FolderRow> Rows)
{
    /// <summary>The table of a project. A project without one is not checked.</summary>
    public static IReadOnlyList<FolderTable> All => [EngineFolders.Table, HostFolders.Table];

    public FolderRow? Find(string folder) => Rows.FirstOrDefault(r => r.Path == folder);

    /// <summary>The row whose arrows count for a folder: its own, or that of the folder it is a part of.</summary>
    public FolderRow? OwnerOf(string folder)
    {
        var row = Find(folder);
        return row is not { IsPart: true } ? row : OwnerOf(folder[..Math.Max(0, folder.LastIndexOf('/'))]);
    }

    public bool Allows(FolderRow user, FolderRow used) =>
        user == used || (user.Sees?.Contains(used.Path) ?? Index(used) > Index(user));

    private int Index(FolderRow row) => Rows.TakeWhile(r => r != row).Count();

    /// <summary>The table as docs/architecture.md shows it.</summary>
    public string ToMarkdown()
    {
        var lines = Rows.Select(r => $"| {Name(r.Path)} | {r.Holds} | {Seen(r)} |");
        return string.Join('\n', ["| folder | holds | may use |", "|---|---|---|", .. lines]);
    }

    private string Seen(FolderRow row)
    {
        if (row.IsPart) return "as its parent";
        if (row.Sees is null) return row == Rows[^1] ? "none" : "those below";
        return row.Sees.Count == 0 ? "none" : string.Join(", ", row.Sees.Select(Name));
    }

    private static string Name(string path) => path.Length == 0 ? "(root)" : $"`{path}`";
}
