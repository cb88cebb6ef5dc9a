module github.com/tickler-app/tickler/scripts/tools

go 1.26.0
