using System.ComponentModel;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record BackupResource(
    [property: AllowedText("backup")] string Object,
    [property: AllowedText("idle", "copying")] string Status,
    [property: Description("The part of the copy that is done, from 0 to 1. Absent when no backup is in progress.")] double? Progress);
