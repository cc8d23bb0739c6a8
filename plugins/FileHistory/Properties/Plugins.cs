using PluginHost.Files;

[assembly: Plugin("file-history", typeof(FileHistory), Options = typeof(FileHistoryOptions))]
[assembly: Plugin("file-sessions", typeof(FileSessions), Options = typeof(FileSessionsOptions))]
