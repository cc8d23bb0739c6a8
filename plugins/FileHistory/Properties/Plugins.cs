using PluginHost.Files;

[assembly: Plugin<FileHistory, FileHistoryOptions>("file-history")]
[assembly: Plugin<FileSessions, FileSessionsOptions>("file-sessions")]
